// Command text reads cases as JSON on stdin and answers on stdout what Flux's own packages make of
// them: substitution (envsubst), expressions (runtime/cel) and health (kstatus).
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/envsubst"
	fluxcel "github.com/fluxcd/pkg/runtime/cel"
	celtypes "github.com/google/cel-go/common/types"
)

type testCase struct {
	Kind   string            `json:"kind"`
	Text   string            `json:"text"`
	Vars   map[string]string `json:"vars"`
	Strict bool              `json:"strict"`
	Object json.RawMessage   `json:"object"`
	Exprs  json.RawMessage   `json:"exprs"`
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	answers := make([]map[string]any, 0, len(cases))
	for _, c := range cases {
		answers = append(answers, answer(c))
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(answers); err != nil {
		panic(err)
	}
}

func answer(c testCase) map[string]any {
	var value any
	var err error
	switch c.Kind {
	case "substitute":
		value, err = substitute(c)
	case "kstatus":
		value, err = health(c)
	default:
		value, err = evaluate(c)
	}
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"value": value}
}

func substitute(c testCase) (out string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return envsubst.Eval(c.Text, func(name string) (string, bool) {
		value, ok := c.Vars[name]
		return value, ok || !c.Strict
	})
}

// evaluate runs an expression: as readyExpr does for the kind "ready", as healthCheckExprs do for
// "health"; "checked" and "parsed" are the same for expressions that come to a text.
func evaluate(c testCase) (value any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	var variables map[string]any
	if len(c.Object) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(c.Object))
		decoder.UseNumber()
		if err := decoder.Decode(&variables); err != nil {
			return nil, err
		}
		numbers(variables)
	}
	var options []fluxcel.Option
	switch c.Kind {
	case "ready":
		options = []fluxcel.Option{
			fluxcel.WithCompile(),
			fluxcel.WithOutputType(celtypes.BoolType),
			fluxcel.WithStructVariables("self", "dep"),
		}
	case "checked":
		options = []fluxcel.Option{
			fluxcel.WithCompile(),
			fluxcel.WithStructVariables("self", "dep"),
		}
	}
	expression, err := fluxcel.NewExpression(c.Text, options...)
	if err != nil {
		return nil, err
	}
	switch c.Kind {
	case "parsed", "checked":
		return expression.EvaluateString(context.Background(), variables)
	}
	return expression.EvaluateBoolean(context.Background(), variables)
}

// numbers types JSON numbers as Kubernetes' unstructured objects have them: int64 or float64.
func numbers(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		for key, item := range typed {
			typed[key] = numbers(item)
		}
	case []any:
		for i, item := range typed {
			typed[i] = numbers(item)
		}
	case json.Number:
		if whole, err := typed.Int64(); err == nil {
			return whole
		}
		float, _ := typed.Float64()
		return float
	}
	return value
}

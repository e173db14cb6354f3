package main

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	fluxcel "github.com/fluxcd/pkg/runtime/cel"
	"github.com/fluxcd/pkg/runtime/statusreaders"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// health computes the status of an object: by the user's expressions where there are some, by Flux's
// rule for Jobs, by kstatus else.
func health(c testCase) (any, error) {
	object := &unstructured.Unstructured{}
	decoder := json.NewDecoder(bytes.NewReader(c.Object))
	decoder.UseNumber()
	if err := decoder.Decode(&object.Object); err != nil {
		return nil, err
	}
	numbers(object.Object)
	if len(c.Exprs) > 0 {
		return byExpressions(c, object)
	}
	if object.GetKind() == "Job" {
		result := statusreaders.ComputeJobStatus(object)
		return map[string]any{"status": result.Status, "message": result.Message}, nil
	}
	result, err := status.Compute(object)
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": result.Status, "message": result.Message}, nil
}

func byExpressions(c testCase, object *unstructured.Unstructured) (any, error) {
	var checks []kustomize.CustomHealthCheck
	if err := json.Unmarshal(c.Exprs, &checks); err != nil {
		return nil, err
	}
	reader, err := fluxcel.NewStatusReader(checks)
	if err != nil {
		return nil, err
	}
	result, err := reader(nil).ReadStatusForObject(context.Background(), nil, object)
	if err != nil {
		return nil, err
	}
	if result.Error != nil {
		return map[string]any{"status": result.Status, "message": result.Error.Error()}, nil
	}
	return map[string]any{"status": result.Status}, nil
}

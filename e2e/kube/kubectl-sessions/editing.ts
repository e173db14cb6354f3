import type { Scenario } from '../kubectl-files.ts'
import { configMap, deployment, MANAGERS, OWNERS } from './parts.ts'

/** Editors that change, race, err and give up. */
export const EDITING: Scenario = {
  name: 's-editing',
  files: {
    'cm.yaml': configMap('e1') + '---\n' + configMap('e2'),
    'd.yaml': deployment('edd'),
    'to2.sh': '#!/bin/sh\nsed -i "s/a: \\"1\\"/a: \\"2\\"/" "$1"\n',
    'race.sh':
      '#!/bin/sh\nkubectl annotate cm e1 raced=yes >/dev/null\nsed -i "s/a: \\"2\\"/a: \\"3\\"/" "$1"\n',
    'clash.sh':
      '#!/bin/sh\nif ! grep -q "has changed\\|Edit cancelled\\|reopened" "$1"; then kubectl patch cm e1 -p \'{"data":{"a":"7"}}\' >/dev/null; sed -i "s/a: \\"3\\"/a: \\"4\\"/" "$1"; fi\n',
    'type.sh':
      '#!/bin/sh\nif [ ! -e once ]; then touch once; sed -i "s/replicas: 0/replicas: many/" "$1"; fi\n',
    'immut.sh':
      '#!/bin/sh\nif [ ! -e once2 ]; then touch once2; sed -i "s/app: edd/app: other/" "$1"; fi\n',
    'unknown.sh':
      '#!/bin/sh\nif [ ! -e once3 ]; then touch once3; sed -i "s/^spec:/spec:\\n  nonsense: true/" "$1"; fi\n',
    'yaml.sh': '#!/bin/sh\nif [ ! -e once4 ]; then touch once4; echo "  : bad [" >> "$1"; fi\n',
    'empty.sh': '#!/bin/sh\n: > "$1"\n',
    'fail.sh': '#!/bin/sh\nexit 3\n',
    'both.sh': '#!/bin/sh\nsed -i "s/app: x/app: y/" "$1"\n',
    'rename.sh':
      '#!/bin/sh\nif [ ! -e once5 ]; then touch once5; sed -i "s/name: e1/name: e9/" "$1"; fi\n',
    'json.sh': '#!/bin/sh\nsed -i "s/\\"a\\": \\"7\\"/\\"a\\": \\"8\\"/" "$1"\n',
    'status.sh': '#!/bin/sh\nsed -i "s/observedGeneration: .*/observedGeneration: 77/" "$1"\n',
    'scale.sh': '#!/bin/sh\nsed -i "s/replicas: 0/replicas: 0\\n  nonsense: 1/" "$1"\n',
    'image.sh': '#!/bin/sh\nsed -i "s/nginx:1/nginx:8/" "$1"\n',
    'label.sh':
      '#!/bin/sh\nif [ ! -e once6 ]; then touch once6; sed -i "s/app: y/app: \\"bad value\\"/" "$1"; fi\n',
    'show.sh': '#!/bin/sh\ncat "$1"\n',
  },
  steps: [
    '@kubectl apply -f cm.yaml -f d.yaml; kubectl rollout status deploy/edd --timeout=10s; sleep 1',
    'EDITOR="sh to2.sh" kubectl edit cm e1',
    'EDITOR="sh race.sh" kubectl edit cm e1',
    'kubectl get cm e1 -o jsonpath={.data},{.metadata.annotations.raced}',
    'EDITOR="sh clash.sh" kubectl edit cm e1',
    'kubectl get cm e1 -o jsonpath={.data}',
    'EDITOR="sh type.sh" kubectl edit deploy edd 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh immut.sh" kubectl edit deploy edd 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh unknown.sh" kubectl edit deploy edd 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh yaml.sh" kubectl edit deploy edd 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh empty.sh" kubectl edit deploy edd',
    'EDITOR="sh fail.sh" kubectl edit deploy edd 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh both.sh" kubectl edit cm e1 e2',
    'EDITOR="sh both.sh" kubectl edit cm -l app=y',
    'EDITOR="sh rename.sh" kubectl edit cm e1 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh json.sh" kubectl edit cm e1 -o json',
    'EDITOR="sh json.sh" kubectl edit cm e1 --output-patch',
    'EDITOR="sh status.sh" kubectl edit deploy edd --subresource=status',
    'EDITOR="sh scale.sh" kubectl edit deploy edd --subresource=scale',
    'EDITOR="sh image.sh" kubectl edit deploy edd --save-config --field-manager=ed --output-patch',
    'EDITOR="sh label.sh" kubectl edit cm e1 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh show.sh" kubectl edit cm e1',
    'EDITOR="sh show.sh" kubectl edit deploy edd',
    'EDITOR="sh show.sh" kubectl edit -f cm.yaml',
    'EDITOR="sh to2.sh" kubectl create -f cm.yaml --edit 2>&1 | sed "s/edit-.*yaml/FILE/"',
    'EDITOR="sh to2.sh" kubectl create cm new --from-literal=a=1 --dry-run=server -o yaml',
    'EDITOR="sh show.sh" kubectl edit svc edd --windows-line-endings',
    `kubectl get cm e1 ${OWNERS}`,
    `kubectl get deploy edd ${MANAGERS}`,
  ],
}

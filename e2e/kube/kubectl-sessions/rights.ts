import type { Scenario } from '../kubectl-files.ts'

const TOKEN = 'T=$(kubectl create token robot -n s-rights)'

/** Rights, tokens, and what is done in the name of others. */
export const RIGHTS: Scenario = {
  name: 's-rights',
  files: {
    'rbac.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}
- {apiGroups: [""], resources: [configmaps], resourceNames: [only], verbs: [get, update]}
- {apiGroups: [apps], resources: ["*"], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: ServiceAccount, name: robot, namespace: s-rights}, {kind: User, name: ann}, {kind: Group, name: devs}]
`,
    'rbac2.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: User, name: bob}]
`,
    'rbac3.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, name: bob}]
`,
    'sar.yaml':
      'apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\nspec: {user: ann, groups: [devs], resourceAttributes: {namespace: s-rights, verb: list, resource: pods}}\n',
    'lsar.yaml':
      'apiVersion: authorization.k8s.io/v1\nkind: LocalSubjectAccessReview\nmetadata: {namespace: s-rights}\nspec: {user: zed, resourceAttributes: {namespace: s-rights, verb: list, resource: pods}}\n',
    'ssrr.yaml':
      'apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectRulesReview\nspec: {namespace: s-rights}\n',
    'pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: bound}\nspec: {serviceAccountName: robot, containers: [{name: c, image: x}]}\n',
    'claims.sh':
      '#!/bin/sh\np=$(echo "$1" | cut -d. -f2 | tr "_-" "/+"); while [ $((${#p} % 4)) -ne 0 ]; do p="$p="; done\necho "$p" | base64 -d | jq -cS "(.exp - .iat) as \\$d | del(.jti,.iat,.nbf) | .exp = \\$d | del(.[\\"kubernetes.io\\"].warnafter)"\n',
    'review.sh':
      '#!/bin/sh\nprintf \'{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"%s"%s}}\' "$1" "$2" | kubectl create --raw /apis/authentication.k8s.io/v1/tokenreviews -f - | jq -cS "del(.spec, .metadata.managedFields, .status.user.extra[\\"authentication.kubernetes.io/credential-id\\"])"\n',
  },
  steps: [
    'kubectl auth whoami',
    'kubectl auth whoami --token=nonsense',
    'kubectl get pods --token=nonsense',
    'kubectl get pods --token=',
    'kubectl get pods --username=a --password=b',
    'kubectl create sa robot',
    'kubectl auth reconcile -f rbac.yaml --dry-run=client',
    'kubectl auth reconcile -f rbac.yaml',
    'kubectl auth reconcile -f rbac.yaml -o yaml | grep -v "uid\\|resourceVersion\\|creationTimestamp"',
    'kubectl auth reconcile -f rbac2.yaml',
    'kubectl get role r -o jsonpath={.rules}',
    'kubectl get rolebinding rb -o jsonpath={.subjects}',
    'kubectl auth reconcile -f rbac.yaml --remove-extra-permissions --remove-extra-subjects',
    'kubectl get role r -o jsonpath={.rules}',
    'kubectl get rolebinding rb -o jsonpath={.subjects}',
    'kubectl auth reconcile -f rbac3.yaml',
    'kubectl get rolebinding rb -o jsonpath={.roleRef}',
    'kubectl auth reconcile -f rbac.yaml',
    'kubectl apply -f rbac3.yaml 2>&1 | tail -1',
    'kubectl replace -f rbac3.yaml',
    `${TOKEN}; kubectl auth whoami --token=$T`,
    `${TOKEN}; kubectl auth whoami --token=$T -o json | jq -cS "del(.status.userInfo.extra[\\"authentication.kubernetes.io/credential-id\\"])"`,
    `${TOKEN}; kubectl get pods --token=$T`,
    `${TOKEN}; kubectl get pods -A --token=$T`,
    `${TOKEN}; kubectl get nodes --token=$T`,
    `${TOKEN}; kubectl get cm only --token=$T`,
    `${TOKEN}; kubectl get cm other --token=$T`,
    `${TOKEN}; kubectl create deploy viatoken --image=x --replicas=0 --token=$T`,
    `${TOKEN}; kubectl scale deploy viatoken --replicas=0 --token=$T`,
    `${TOKEN}; kubectl delete deploy viatoken --token=$T`,
    `${TOKEN}; kubectl create role esc --verb=get --resource=secrets --token=$T`,
    `${TOKEN}; kubectl auth can-i --list --token=$T | sort`,
    `${TOKEN}; kubectl auth can-i get pods/log --token=$T`,
    `${TOKEN}; kubectl auth can-i get pods --as=ann --token=$T`,
    `${TOKEN}; kubectl create token robot --token=$T`,
    `${TOKEN}; kubectl api-resources --token=$T -o name | wc -l`,
    `${TOKEN}; kubectl version --token=$T | tail -1`,
    `${TOKEN}; kubectl get --raw /healthz --token=$T; kubectl get --raw /metrics --token=$T`,
    `${TOKEN}; sh claims.sh $T`,
    'T=$(kubectl create token robot --audience=a --audience=b --duration=20m); sh claims.sh $T',
    'T=$(kubectl create token robot --audience=a); kubectl get pods --token=$T',
    'T=$(kubectl create token robot --audience=a); sh review.sh $T',
    'T=$(kubectl create token robot --audience=a); sh review.sh $T \',"audiences":["a","c"]\'',
    'T=$(kubectl create token robot --audience=a); sh review.sh $T \',"audiences":["c"]\'',
    `${TOKEN}; sh review.sh $T`,
    'sh review.sh nonsense',
    'sh review.sh ""',
    'kubectl create -f pod.yaml',
    'T=$(kubectl create token robot --bound-object-kind=Pod --bound-object-name=bound); sh claims.sh $T; sh review.sh $T',
    'kubectl create token robot --bound-object-kind=Pod --bound-object-name=bound --bound-object-uid=0000',
    'kubectl create token robot --bound-object-kind=Pod --bound-object-name=bound > tok; kubectl delete pod bound --now; kubectl get pods --token=$(cat tok)',
    'kubectl create secret generic bs; T=$(kubectl create token robot --bound-object-kind=Secret --bound-object-name=bs); sh claims.sh $T',
    'kubectl create token robot --bound-object-kind=ConfigMap --bound-object-name=x',
    'kubectl create token robot --bound-object-kind=Node --bound-object-name=none',
    'kubectl create token robot --duration=-1s',
    'kubectl create token robot --duration=5m',
    'kubectl create token robot --duration=9999999h | wc -l',
    'kubectl create token robot -o yaml | grep -v "token:\\|uid\\|Timestamp"',
    'kubectl create token robot > tok2; kubectl delete sa robot; kubectl auth whoami --token=$(cat tok2)',
    'kubectl create -f sar.yaml -o yaml',
    'kubectl create -f lsar.yaml -o yaml',
    'kubectl create -f ssrr.yaml -o json | jq .status.incomplete',
    'kubectl apply -f sar.yaml',
    'kubectl get subjectaccessreviews',
    'kubectl auth can-i list pods --as=ann',
    'kubectl auth can-i list pods --as=x --as-group=devs',
    'kubectl auth can-i list pods --as=x --as-group=devs -n default',
    'kubectl auth can-i update cm/only --as=ann',
    'kubectl auth can-i update cm --as=ann',
    'kubectl auth can-i "*" deployments.apps --as=ann',
    'kubectl auth can-i "*" "*" --as=ann',
    'kubectl auth can-i create sts --as=ann',
    'kubectl auth can-i create statefulsets.apps/status --as=ann',
    'kubectl auth can-i get nodes --as=ann',
    'kubectl auth can-i get nodes --as=ann -n s-rights',
    'kubectl auth can-i get /api --as=ann',
    'kubectl auth can-i get /api/* --as=ann',
    'kubectl auth can-i --list --as=ann --no-headers | sort',
    'kubectl auth can-i --list --as=system:serviceaccount:kube-system:generic-garbage-collector | sort',
    'kubectl auth can-i list pods --as=ann --all-namespaces',
    'kubectl auth can-i impersonate users --as=ann',
    'kubectl auth can-i use psp --as=ann',
    'kubectl auth can-i approve certificatesigningrequests --as=ann',
    'kubectl auth whoami --as=ann --as-group=g1 --as-group=g2 --as-uid=u --as-user-extra=a=1 --as-user-extra=a=2 --as-user-extra=B.c/d=3 -o yaml',
    'kubectl auth whoami --as=system:serviceaccount:s-rights:default -o json',
    'kubectl auth whoami --as=system:anonymous',
    'kubectl auth whoami --as=system:node:n --as-group=system:nodes',
    'kubectl auth whoami --as-group=x',
    'kubectl auth whoami --as-uid=x',
    'kubectl auth whoami --as=',
    'kubectl get pods --as=system:kube-scheduler',
    'kubectl get leases -n kube-system --as=system:kube-scheduler -o name | grep -v apiserver',
    'kubectl get secrets -A --as=system:kube-controller-manager -o name | grep -c x',
    'kubectl create clusterrolebinding s-rights-view --clusterrole=view --user=eve',
    'kubectl get secrets --as=eve; kubectl get cm --as=eve -n default -o name; kubectl auth can-i --list --as=eve | sort',
    'kubectl create rolebinding up --clusterrole=admin --user=eve --as=eve',
    'kubectl create clusterrole s-rights-cr --verb="*" --resource="*" --as=eve',
    'kubectl create rolebinding give --role=r --user=kim --as=ann',
    'kubectl delete clusterrolebinding s-rights-view',
    'kubectl get pods --as=eve',
  ],
}

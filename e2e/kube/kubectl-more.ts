import type { Scenario } from './kubectl-files.ts'

const LOADS: string = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}, annotations: {kubernetes.io/change-cause: first}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1
        ports: [{containerPort: 80, name: http}]
        resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 32Mi}}
        env: [{name: A, value: "1"}, {name: B, valueFrom: {configMapKeyRef: {name: settings, key: b}}}]
        readinessProbe: {httpGet: {path: /, port: http}}
        volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, emptyDir: {}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "pg:1"}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: "agent:1"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  completions: 2
  parallelism: 1
  template: {spec: {restartPolicy: Never, containers: [{name: once, image: "busybox:1", command: [sh, -c, "true"]}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 0 31 2 *"
  suspend: true
  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: "busybox:1"}]}}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: alone}
spec:
  replicas: 1
  selector: {matchLabels: {app: alone}}
  template: {metadata: {labels: {app: alone}}, spec: {containers: [{name: c, image: "c:1"}]}}
---
apiVersion: v1
kind: ReplicationController
metadata: {name: old}
spec:
  replicas: 1
  selector: {app: old}
  template: {metadata: {labels: {app: old}}, spec: {containers: [{name: c, image: "c:1"}]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
`

const OBJECTS: string = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {a: "1", b: "2", long: "line one\\nline two\\n"}
binaryData: {bytes: AAEC}
---
apiVersion: v1
kind: Secret
metadata: {name: token}
type: Opaque
stringData: {password: secret}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
secrets: [{name: token}]
imagePullSecrets: [{name: pull}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: claim}
spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: bounds}
spec: {limits: [{type: Container, default: {cpu: 100m}, defaultRequest: {cpu: 50m}, max: {cpu: "1"}}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota}
spec: {hard: {configmaps: "10", pods: "20", requests.storage: 10Gi}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, annotations: {a.example.org/b: c}}
spec:
  ingressClassName: none
  tls: [{hosts: [a.example.org], secretName: tls}]
  defaultBackend: {service: {name: web, port: {number: 80}}}
  rules: [{host: a.example.org, http: {paths: [{path: /x, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, protocol: TCP}]}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 1
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Nothing, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: ["", apps], resources: [pods, deployments], verbs: [get, list]}, {apiGroups: [""], resources: [secrets], resourceNames: [token], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot}, {kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: v1
kind: Pod
metadata: {name: lonely, labels: {app: lonely}}
spec:
  priorityClassName: system-cluster-critical
  initContainers: [{name: first, image: "i:1"}]
  containers: [{name: c, image: "c:1", args: [a, b], livenessProbe: {tcpSocket: {port: 80}}, securityContext: {runAsUser: 1}}]
  nodeSelector: {disk: ssd}
  volumes: [{name: cm, configMap: {name: settings}}, {name: s, secret: {secretName: token}}, {name: p, persistentVolumeClaim: {claimName: claim}}]
`

const CLUSTER: string = `apiVersion: v1
kind: PersistentVolume
metadata: {name: describing-pv}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /x}, storageClassName: none}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: describing-sc}
provisioner: example.org/none
parameters: {a: b}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: describing-ic}
spec: {controller: example.org/none}
---
apiVersion: v1
kind: Node
metadata: {name: describing-node, labels: {disk: hdd}}
spec: {unschedulable: true}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: describing-cr}
rules: [{nonResourceURLs: [/x], verbs: [get]}]
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: describing-rc}
handler: none
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: describing-pc}
value: 7
`

const KINDS: readonly string[] = [
  'cm settings',
  'secret token',
  'sa robot',
  'pvc claim',
  'limitrange bounds',
  'quota quota',
  'ingress front',
  'netpol deny',
  'role reader',
  'rolebinding reader',
  'pod lonely',
]

const CLUSTER_KINDS: readonly string[] = [
  'pv/describing-pv',
  'sc/describing-sc',
  'ingressclass/describing-ic',
  'clusterrole/describing-cr',
  'runtimeclass/describing-rc',
  'pc/describing-pc',
]

/** What `describe` and `get` show of each kind. */
const DESCRIBING: Scenario = {
  name: 'describing',
  last: true,
  files: { 'objects.yaml': OBJECTS, 'cluster.yaml': CLUSTER },
  steps: [
    'kubectl apply -f objects.yaml',
    'kubectl apply -f cluster.yaml',
    '@sleep 1.5',
    ...KINDS.flatMap((each) => [
      `kubectl describe ${each} | sort`,
      `kubectl get ${each} -o wide`,
      `kubectl get ${each} -o yaml`,
    ]),
    ...CLUSTER_KINDS.flatMap((each) => [
      `kubectl describe ${each}`,
      `kubectl get ${each}`,
      `kubectl get ${each} -o yaml`,
    ]),
    'kubectl describe cm settings token | sort',
    'kubectl describe pods -l app=lonely',
    'kubectl describe -f objects.yaml | grep -c Name:',
    'kubectl describe nothing/x',
    'kubectl describe pod nothing',
    'kubectl get -f objects.yaml -o name',
    'kubectl get cm,secret,sa,role -o name',
    'kubectl get pods --field-selector status.phase=Pending',
    'kubectl get pods --field-selector status.phase!=Pending',
    'kubectl get pods --field-selector spec.nodeName=x',
    'kubectl get pods --field-selector spec.restartPolicy=Always,spec.serviceAccountName=default -o name',
    'kubectl get secrets --field-selector type=Opaque -o name',
    'kubectl get ns --field-selector status.phase=Active,metadata.name=describing',
    'kubectl get pods --field-selector nonsense=x',
    'kubectl get nodes --field-selector spec.unschedulable=true -o name',
    "kubectl get cm settings -o go-template='{{range $k, $v := .data}}{{$k}}={{$v}};{{end}}'",
    "kubectl get cm settings -o jsonpath-as-json='{.data}'",
    'kubectl get cm settings -o json --show-managed-fields=false',
    'kubectl get pods --sort-by={.metadata.name} -o custom-columns=N:metadata.name,I:spec.containers[*].image',
    'kubectl get cm -o custom-columns-file=nothing',
    'kubectl get rs,deploy,sts,ds,job,cj',
    "kubectl get pod lonely -o jsonpath='{.spec.tolerations}{.spec.priority}{.status.qosClass}'",
    'kubectl logs lonely',
    'kubectl logs lonely -c nothing',
    'kubectl exec lonely -- ls',
    'kubectl attach lonely',
    'kubectl port-forward lonely 80',
    'kubectl cp lonely:/x /tmp/x',
    'kubectl debug lonely --image=busybox -c dbg',
    'kubectl debug lonely --image=busybox --copy-to=copy --container=dbg',
    "kubectl get pod lonely -o jsonpath='{.spec.ephemeralContainers[*].image}'",
    'kubectl cordon describing-node',
    'kubectl uncordon describing-node',
    'kubectl taint node describing-node a=b:NoSchedule',
    'kubectl taint node describing-node a=b:NoSchedule',
    'kubectl taint node describing-node a:NoSchedule-',
    'kubectl label node describing-node disk=ssd --overwrite',
    'kubectl drain describing-node --ignore-daemonsets',
    'kubectl delete -f cluster.yaml --wait=false',
    'kubectl delete -f objects.yaml --wait=false',
  ],
}

const ROLLED = '@kubectl rollout status deployment/web --timeout=3s; sleep 1'

/** Workloads that have pods, though none of them ever runs. */
const PENDING: Scenario = {
  name: 'pending',
  files: { 'loads.yaml': LOADS, 'settings.yaml': OBJECTS.split('---\n')[0] ?? '' },
  steps: [
    '@kubectl apply -f settings.yaml',
    'kubectl apply -f loads.yaml',
    '@sleep 3',
    'kubectl get deploy,rs,sts,ds,job,cj,rc',
    'kubectl get deploy,rs,sts,ds,job,cj,rc -o wide',
    'kubectl get all',
    'kubectl get pods -l app=web -o name',
    'kubectl get pods -l app=db',
    'kubectl get pvc',
    'kubectl get pdb',
    'kubectl get pdb web -o yaml',
    'kubectl describe pdb web',
    'kubectl get endpoints web',
    'kubectl get endpointslices -l kubernetes.io/service-name=web',
    'kubectl describe svc web',
    'kubectl describe deployment web',
    'kubectl describe sts db | sort',
    'kubectl describe ds agent',
    'kubectl describe job once',
    'kubectl describe cronjob nightly',
    'kubectl describe rs alone',
    'kubectl describe rc old',
    'kubectl get deployment web -o yaml',
    'kubectl get sts db -o yaml',
    'kubectl get ds agent -o yaml',
    'kubectl get job once -o yaml',
    'kubectl get rs -l app=web -o yaml',
    'kubectl get pod db-0 -o yaml',
    'kubectl get pods -l job-name=once -o yaml',
    'kubectl get controllerrevisions -o yaml',
    'kubectl get events --sort-by=.reason -o custom-columns=K:.involvedObject.kind,R:.reason,T:.type | sort -u',
    'kubectl rollout status deployment/web --timeout=1s',
    'kubectl rollout status sts/db --timeout=1s',
    'kubectl rollout status ds/agent --timeout=1s',
    'kubectl rollout history deployment/web',
    'kubectl rollout history sts/db',
    'kubectl rollout history ds/agent --revision=1',
    'kubectl set image deployment/web web=nginx:2',
    ROLLED,
    'kubectl get rs -l app=web',
    'kubectl rollout history deployment/web',
    'kubectl rollout undo deployment/web',
    ROLLED,
    'kubectl rollout history deployment/web',
    'kubectl scale deployment/web --replicas=3',
    ROLLED,
    'kubectl get deployment web',
    'kubectl scale sts/db --replicas=1',
    '@sleep 1',
    'kubectl get sts db',
    'kubectl rollout restart sts/db',
    'kubectl rollout restart ds/agent',
    '@sleep 1',
    'kubectl rollout history sts/db',
    'kubectl wait job/once --for=condition=Complete --timeout=1s',
    'kubectl wait pod -l app=web --for=condition=Ready --timeout=1s',
    'kubectl wait deployment/web --for=condition=Progressing --timeout=5s',
    'kubectl wait --for=jsonpath={.status.replicas}=3 deployment/web --timeout=5s',
    'kubectl delete pod db-0 --wait=true',
    '@sleep 1',
    'kubectl get pod db-0 -o name',
    'kubectl delete job once --cascade=orphan',
    '@sleep 1',
    'kubectl get pods -l batch.kubernetes.io/job-name=once',
    'kubectl delete rs alone --cascade=foreground',
    'kubectl get pods -l app=alone',
    'kubectl delete deploy,sts,ds,rc --all',
    'kubectl wait pods --all --for=delete --timeout=20s 2>&1 | grep -c "timed out waiting.*once"',
    'kubectl get pods -l app!=none',
    'kubectl get pvc -o name',
  ],
}

const POLICY: string = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: granting-cr}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: granting}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}, {apiGroups: [""], resources: [configmaps], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb, namespace: granting}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}, {kind: ServiceAccount, name: default, namespace: granting}]
`

const REQUEST =
  'openssl req -new -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=ann/O=devs -out r.pem 2>/dev/null'
const SIGNING = `printf 'apiVersion: certificates.k8s.io/v1\\nkind: CertificateSigningRequest\\nmetadata: {name: granting-csr}\\nspec: {signerName: example.org/none, usages: [client auth], request: %s}\\n' "$(base64 -w0 r.pem)" > csr.yaml`

/** Who may do what, requests for certificates, kustomizations, and further commands. */
const GRANTING: Scenario = {
  name: 'granting',
  files: {
    'policy.yaml': POLICY,
    'kustomization.yaml': 'namePrefix: k-\nresources: [cm.yaml]\n',
    'cm.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, labels: {app: k}}\ndata: {a: "1"}\n',
    'two.yaml':
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1, labels: {set: l}}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l2, labels: {set: l}}}\n',
    'one.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: l1, labels: {set: l}}\ndata: {x: y}\n',
    'editor.sh': '#!/bin/sh\nsed -i "s/x: y/x: z/" "$1"\n',
    'spoil.sh': '#!/bin/sh\nsed -i "s/kind: ConfigMap/kind: Nonsense/" "$1"\n',
    'none.sh': '#!/bin/sh\ntrue\n',
  },
  steps: [
    'kubectl auth reconcile -f policy.yaml',
    'kubectl auth reconcile -f policy.yaml',
    'kubectl get role r -o yaml',
    'kubectl auth can-i get pods --as=ann',
    'kubectl auth can-i delete configmaps --as=ann',
    'kubectl auth can-i list pods --as=system:serviceaccount:granting:default',
    'kubectl auth can-i list pods -A --as=ann',
    'kubectl auth can-i --list --as=ann | sort',
    'kubectl auth can-i --list --as=system:serviceaccount:granting:default | sort',
    'kubectl auth whoami --as=ann -o yaml',
    'kubectl get cm --as=ann -o name',
    'kubectl get secrets --as=ann',
    'kubectl create cm mine --as=ann --from-literal=a=b',
    'kubectl delete cm mine --as=ann',
    'kubectl get pods --as=ann --as-group=devs -A',
    'kubectl create role x --verb=get --resource=secrets --as=ann',
    'kubectl create role bad --verb=nonsense --resource=pods',
    'kubectl create role bad --verb=get --resource=nonsense',
    'kubectl create rolebinding x --clusterrole=cluster-admin --user=ann --as=ann',
    `@${REQUEST}; ${SIGNING}`,
    'kubectl create -f csr.yaml',
    'kubectl get csr granting-csr | sed "s/system:admin/admin/"',
    'kubectl describe csr granting-csr | sed "s/system:admin/admin/"',
    'kubectl certificate approve granting-csr',
    'kubectl get csr granting-csr -o jsonpath={.status.conditions[*].type}',
    'kubectl certificate deny granting-csr',
    'kubectl delete csr granting-csr',
    'kubectl apply -k .',
    'kubectl diff -k .',
    'kubectl get -k .',
    'kubectl delete -k .',
    'kubectl kustomize .',
    'kubectl apply -f two.yaml',
    'kubectl apply -f one.yaml --prune -l set=l --prune-allowlist=core/v1/ConfigMap',
    'kubectl get cm -l set=l -o name',
    "EDITOR='sh editor.sh' kubectl edit cm l1",
    'kubectl get cm l1 -o jsonpath={.data}',
    "EDITOR='sh none.sh' kubectl edit cm l1",
    "EDITOR='sh editor.sh' kubectl edit cm nothing",
    'kubectl create -f two.yaml --dry-run=server -o name',
    'kubectl create -f one.yaml --save-config',
    'kubectl replace -f one.yaml --dry-run=server',
    'kubectl get cm l1 -o yaml | kubectl replace -f -',
    'kubectl apply -f one.yaml --server-side --field-manager=a --validate=strict',
    'kubectl apply -f one.yaml --server-side --field-manager=b -o yaml --show-managed-fields',
    'kubectl patch cm l1 --type=apply -p "{}"',
    'kubectl patch cm l1 --type=strategic -p \'{"metadata":{"labels":{"$patch":"replace","a":"b"}}}\' -o jsonpath={.metadata.labels}',
    'kubectl patch -f one.yaml --type=merge -p \'{"data":{"q":"r"}}\' --dry-run=server -o jsonpath={.data}',
    'kubectl annotate cm --all note=x',
    'kubectl annotate cm l1 --list | sort',
    'kubectl label -f one.yaml z=1 --resource-version=1',
    'kubectl get cm l1 --subresource=status',
    'kubectl get events',
    'kubectl events --types=Warning',
    'kubectl explain pods.spec.containers.livenessProbe.httpGet --recursive',
    'kubectl explain ingress.spec.rules.http.paths.pathType',
    'kubectl explain networkpolicies.spec --recursive | head -60',
    'kubectl explain hpa.spec.metrics',
    'kubectl explain vap.spec',
    'kubectl explain validatingadmissionpolicy.spec.validations',
    'kubectl api-resources --verbs=deletecollection,list --namespaced -o name | sort',
    'kubectl api-resources --sort-by=kind --no-headers | head -30',
    'kubectl get --raw /api',
    'kubectl get --raw /apis/batch/v1 | tr , "\\n" | grep -c name',
    'kubectl get --raw /api/v1/namespaces/granting/configmaps/l1',
    'kubectl get --raw /livez/ping',
    'kubectl get --raw "/readyz?verbose" | tail -1',
    'kubectl get --raw /metrics | head -c 0',
    'kubectl get --raw /openapi/v2 | head -c 13',
    'kubectl create --raw /api/v1/namespaces/granting/configmaps -f one.yaml',
    'kubectl delete --raw /api/v1/namespaces/granting/configmaps/nothing',
    'kubectl version -o yaml | grep -A1 serverVersion',
    'kubectl config view --minify -o jsonpath={.contexts[0].context.namespace}',
    'kubectl top pod nothing',
    'kubectl wait cm/l1 --for=create --timeout=2s',
    'kubectl wait cm/later --for=create --timeout=1s',
    'kubectl get cm l1 --watch --output-watch-events --request-timeout=1s -o name',
    'kubectl delete cm l1 --grace-period=5',
    'kubectl delete cm --field-selector metadata.name=l2',
    'kubectl delete all --all',
    'kubectl delete clusterrole granting-cr',
    'kubectl cluster-info dump --namespaces granting -o yaml | grep -c kind',
    'kubectl alpha',
    'kubectl options | head -1',
    'kubectl plugin list',
    'kubectl completion bash | head -1',
    'kubectl proxy --port=0 --append-server-path=nonsense',
  ],
}

/** Compared where a real server is; the others are also recorded. */
export const MORE: readonly Scenario[] = [PENDING, GRANTING, DESCRIBING]

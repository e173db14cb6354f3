/** Resources that random trees are made of: all that kustomize treats in some way of its own. */
export const RESOURCES: Readonly<Record<string, string>> = {
  web: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      serviceAccountName: web
      containers:
      - name: web
        image: nginx:1.19
        ports:
        - containerPort: 80
          name: http
        env:
        - name: MODE
          value: dev
        - name: FROM_CM
          valueFrom:
            configMapKeyRef:
              name: conf
              key: mode
        envFrom:
        - configMapRef:
            name: conf
        - secretRef:
            name: creds
        volumeMounts:
        - name: data
          mountPath: /data
      - name: sidecar
        image: registry.example.com:5000/team/side:2.0@sha256:aaaa
      initContainers:
      - name: init
        image: busybox
      volumes:
      - name: data
        emptyDir: {}
      - name: conf
        configMap:
          name: conf
      - name: sec
        secret:
          secretName: creds
      - name: proj
        projected:
          sources:
          - configMap:
              name: conf
          - secret:
              name: creds
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: http
`,
  conf: `apiVersion: v1
kind: ConfigMap
metadata:
  name: conf
data:
  mode: dev
  key: value
`,
  creds: `apiVersion: v1
kind: Secret
metadata:
  name: creds
type: Opaque
data:
  password: cGFzcw==
`,
  sa: `apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
imagePullSecrets:
- name: creds
`,
  sts: `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  replicas: 3
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      priorityClassName: high
      containers:
      - name: db
        image: postgres:13
        env:
        - {name: PW, valueFrom: {secretKeyRef: {name: creds, key: password}}}
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - labelSelector:
              matchLabels:
                app: db
            topologyKey: kubernetes.io/hostname
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: zone
        whenUnsatisfiable: DoNotSchedule
        labelSelector:
          matchLabels:
            app: db
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      storageClassName: fast
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 1Gi
---
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector: {app: db}
  ports: [{port: 5432}]
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: fast
provisioner: x
parameters:
  secretName: creds
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: high
value: 1000000
`,
  cron: `apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  schedule: "0 0 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - name: run
            image: busybox:1.36
            args: ["--conf", "$(CONF)"]
            envFrom:
            - configMapRef: {name: conf}
          restartPolicy: Never
          volumes:
          - name: c
            configMap: {name: conf}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: once
spec:
  template:
    spec:
      serviceAccountName: web
      containers:
      - name: run
        image: busybox:1.36
      restartPolicy: Never
`,
  rbac: `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: reader
rules:
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [conf, other]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: creader
rules:
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [creds]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: reader
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: reader
subjects:
- kind: ServiceAccount
  name: web
- kind: ServiceAccount
  name: default
- kind: User
  name: bob
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: creader
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: creader
subjects:
- kind: ServiceAccount
  name: web
  namespace: default
- kind: ServiceAccount
  name: default
  namespace: other
`,
  ing: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/auth-secret: creds
spec:
  ingressClassName: nginx
  tls:
  - hosts: [example.com]
    secretName: creds
  rules:
  - host: example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web
            port:
              number: 80
  defaultBackend:
    service:
      name: web
      port:
        number: 80
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  minReplicas: 1
  maxReplicas: 5
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: web
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: front
`,
  misc: `apiVersion: v1
kind: Namespace
metadata:
  name: team
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
spec:
  group: example.com
  names:
    kind: Thing
    plural: things
  scope: Namespaced
  conversion:
    strategy: Webhook
    webhook:
      clientConfig:
        service:
          name: web
          namespace: default
  versions:
  - name: v1
    served: true
    storage: true
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata:
  name: v1.example.com
spec:
  service:
    name: web
    namespace: default
  group: example.com
  version: v1
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: hook
webhooks:
- name: a.example.com
  clientConfig:
    service:
      name: web
      namespace: default
- name: b.example.com
  clientConfig:
    service:
      name: other
      namespace: elsewhere
---
apiVersion: example.com/v1
kind: Thing
metadata:
  name: thing
spec:
  configRef:
    name: conf
  template:
    spec:
      containers:
      - name: a
        image: nginx
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: claim
spec:
  storageClassName: fast
  volumeName: vol
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: PersistentVolume
metadata:
  name: vol
spec:
  storageClassName: fast
  capacity: {storage: 1Gi}
---
apiVersion: v1
kind: Pod
metadata:
  name: pod
spec:
  containers:
  - name: a
    image: nginx
    env:
    - name: A
      value: $(CONF)
  volumes:
  - name: v
    persistentVolumeClaim:
      claimName: claim
`,
  odd: `apiVersion: v1
kind: ConfigMap
metadata:
  name: odd
  annotations: {num: 1, none: , flag: true}
data:
  octal: "0777"
  lit: |
    one
      two

  fold: >-
    a b
    c
  long: aaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccccccccc dddddddddd
  json: '{"host": "x", "n": [1, 2.50]}'
nums: [0777, 1e3, 1.10, 0x1F, 2020-01-01, 12345678901234567890, ~, yes, .5]
anchored: &a {x: 1}
again: *a
`,
}

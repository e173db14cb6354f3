// Written by test/conformance/oracle/schema.ts from kube-apiserver v1.36.3. Do not edit.
export const kubernetesVersion: string = "v1.36.3"
export const resourceLines: string = `
/v1|bindings|binding|/v1/Binding|n|create||
/v1|componentstatuses|componentstatus|/v1/ComponentStatus|c|get,list|cs|
/v1|configmaps|configmap|/v1/ConfigMap|n|create,delete,deletecollection,get,list,patch,update,watch|cm|
/v1|endpoints|endpoints|/v1/Endpoints|n|create,delete,deletecollection,get,list,patch,update,watch|ep|
/v1|events|event|/v1/Event|n|create,delete,deletecollection,get,list,patch,update,watch|ev|
/v1|limitranges|limitrange|/v1/LimitRange|n|create,delete,deletecollection,get,list,patch,update,watch|limits|
/v1|namespaces|namespace|/v1/Namespace|c|create,delete,get,list,patch,update,watch|ns|
 finalize|/v1/Namespace|update
 status|/v1/Namespace|get,patch,update
/v1|nodes|node|/v1/Node|c|create,delete,deletecollection,get,list,patch,update,watch|no|
 proxy|/v1/NodeProxyOptions|create,delete,get,patch,update
 status|/v1/Node|get,patch,update
/v1|persistentvolumeclaims|persistentvolumeclaim|/v1/PersistentVolumeClaim|n|create,delete,deletecollection,get,list,patch,update,watch|pvc|
 status|/v1/PersistentVolumeClaim|get,patch,update
/v1|persistentvolumes|persistentvolume|/v1/PersistentVolume|c|create,delete,deletecollection,get,list,patch,update,watch|pv|
 status|/v1/PersistentVolume|get,patch,update
/v1|pods|pod|/v1/Pod|n|create,delete,deletecollection,get,list,patch,update,watch|po|all
 attach|/v1/PodAttachOptions|create,get
 binding|/v1/Binding|create
 ephemeralcontainers|/v1/Pod|get,patch,update
 eviction|policy/v1/Eviction|create
 exec|/v1/PodExecOptions|create,get
 log|/v1/Pod|get
 portforward|/v1/PodPortForwardOptions|create,get
 proxy|/v1/PodProxyOptions|create,delete,get,patch,update
 resize|/v1/Pod|get,patch,update
 status|/v1/Pod|get,patch,update
/v1|podtemplates|podtemplate|/v1/PodTemplate|n|create,delete,deletecollection,get,list,patch,update,watch||
/v1|replicationcontrollers|replicationcontroller|/v1/ReplicationController|n|create,delete,deletecollection,get,list,patch,update,watch|rc|all
 scale|autoscaling/v1/Scale|get,patch,update
 status|/v1/ReplicationController|get,patch,update
/v1|resourcequotas|resourcequota|/v1/ResourceQuota|n|create,delete,deletecollection,get,list,patch,update,watch|quota|
 status|/v1/ResourceQuota|get,patch,update
/v1|secrets|secret|/v1/Secret|n|create,delete,deletecollection,get,list,patch,update,watch||
/v1|serviceaccounts|serviceaccount|/v1/ServiceAccount|n|create,delete,deletecollection,get,list,patch,update,watch|sa|
 token|authentication.k8s.io/v1/TokenRequest|create
/v1|services|service|/v1/Service|n|create,delete,deletecollection,get,list,patch,update,watch|svc|all
 proxy|/v1/ServiceProxyOptions|create,delete,get,patch,update
 status|/v1/Service|get,patch,update
apiregistration.k8s.io/v1|apiservices|apiservice|apiregistration.k8s.io/v1/APIService|c|create,delete,deletecollection,get,list,patch,update,watch||api-extensions
 status|apiregistration.k8s.io/v1/APIService|get,patch,update
apps/v1|controllerrevisions|controllerrevision|apps/v1/ControllerRevision|n|create,delete,deletecollection,get,list,patch,update,watch||
apps/v1|daemonsets|daemonset|apps/v1/DaemonSet|n|create,delete,deletecollection,get,list,patch,update,watch|ds|all
 status|apps/v1/DaemonSet|get,patch,update
apps/v1|deployments|deployment|apps/v1/Deployment|n|create,delete,deletecollection,get,list,patch,update,watch|deploy|all
 scale|autoscaling/v1/Scale|get,patch,update
 status|apps/v1/Deployment|get,patch,update
apps/v1|replicasets|replicaset|apps/v1/ReplicaSet|n|create,delete,deletecollection,get,list,patch,update,watch|rs|all
 scale|autoscaling/v1/Scale|get,patch,update
 status|apps/v1/ReplicaSet|get,patch,update
apps/v1|statefulsets|statefulset|apps/v1/StatefulSet|n|create,delete,deletecollection,get,list,patch,update,watch|sts|all
 scale|autoscaling/v1/Scale|get,patch,update
 status|apps/v1/StatefulSet|get,patch,update
events.k8s.io/v1|events|event|events.k8s.io/v1/Event|n|create,delete,deletecollection,get,list,patch,update,watch|ev|
authentication.k8s.io/v1|selfsubjectreviews|selfsubjectreview|authentication.k8s.io/v1/SelfSubjectReview|c|create||
authentication.k8s.io/v1|tokenreviews|tokenreview|authentication.k8s.io/v1/TokenReview|c|create||
authorization.k8s.io/v1|localsubjectaccessreviews|localsubjectaccessreview|authorization.k8s.io/v1/LocalSubjectAccessReview|n|create||
authorization.k8s.io/v1|selfsubjectaccessreviews|selfsubjectaccessreview|authorization.k8s.io/v1/SelfSubjectAccessReview|c|create||
authorization.k8s.io/v1|selfsubjectrulesreviews|selfsubjectrulesreview|authorization.k8s.io/v1/SelfSubjectRulesReview|c|create||
authorization.k8s.io/v1|subjectaccessreviews|subjectaccessreview|authorization.k8s.io/v1/SubjectAccessReview|c|create||
autoscaling/v2|horizontalpodautoscalers|horizontalpodautoscaler|autoscaling/v2/HorizontalPodAutoscaler|n|create,delete,deletecollection,get,list,patch,update,watch|hpa|all
 status|autoscaling/v2/HorizontalPodAutoscaler|get,patch,update
autoscaling/v1|horizontalpodautoscalers|horizontalpodautoscaler|autoscaling/v1/HorizontalPodAutoscaler|n|create,delete,deletecollection,get,list,patch,update,watch|hpa|all
 status|autoscaling/v1/HorizontalPodAutoscaler|get,patch,update
batch/v1|cronjobs|cronjob|batch/v1/CronJob|n|create,delete,deletecollection,get,list,patch,update,watch|cj|all
 status|batch/v1/CronJob|get,patch,update
batch/v1|jobs|job|batch/v1/Job|n|create,delete,deletecollection,get,list,patch,update,watch||all
 status|batch/v1/Job|get,patch,update
certificates.k8s.io/v1|certificatesigningrequests|certificatesigningrequest|certificates.k8s.io/v1/CertificateSigningRequest|c|create,delete,deletecollection,get,list,patch,update,watch|csr|
 approval|certificates.k8s.io/v1/CertificateSigningRequest|get,patch,update
 status|certificates.k8s.io/v1/CertificateSigningRequest|get,patch,update
networking.k8s.io/v1|ingressclasses|ingressclass|networking.k8s.io/v1/IngressClass|c|create,delete,deletecollection,get,list,patch,update,watch||
networking.k8s.io/v1|ingresses|ingress|networking.k8s.io/v1/Ingress|n|create,delete,deletecollection,get,list,patch,update,watch|ing|
 status|networking.k8s.io/v1/Ingress|get,patch,update
networking.k8s.io/v1|ipaddresses|ipaddress|networking.k8s.io/v1/IPAddress|c|create,delete,deletecollection,get,list,patch,update,watch|ip|
networking.k8s.io/v1|networkpolicies|networkpolicy|networking.k8s.io/v1/NetworkPolicy|n|create,delete,deletecollection,get,list,patch,update,watch|netpol|
networking.k8s.io/v1|servicecidrs|servicecidr|networking.k8s.io/v1/ServiceCIDR|c|create,delete,deletecollection,get,list,patch,update,watch||
 status|networking.k8s.io/v1/ServiceCIDR|get,patch,update
policy/v1|poddisruptionbudgets|poddisruptionbudget|policy/v1/PodDisruptionBudget|n|create,delete,deletecollection,get,list,patch,update,watch|pdb|
 status|policy/v1/PodDisruptionBudget|get,patch,update
rbac.authorization.k8s.io/v1|clusterrolebindings|clusterrolebinding|rbac.authorization.k8s.io/v1/ClusterRoleBinding|c|create,delete,deletecollection,get,list,patch,update,watch||
rbac.authorization.k8s.io/v1|clusterroles|clusterrole|rbac.authorization.k8s.io/v1/ClusterRole|c|create,delete,deletecollection,get,list,patch,update,watch||
rbac.authorization.k8s.io/v1|rolebindings|rolebinding|rbac.authorization.k8s.io/v1/RoleBinding|n|create,delete,deletecollection,get,list,patch,update,watch||
rbac.authorization.k8s.io/v1|roles|role|rbac.authorization.k8s.io/v1/Role|n|create,delete,deletecollection,get,list,patch,update,watch||
storage.k8s.io/v1|csidrivers|csidriver|storage.k8s.io/v1/CSIDriver|c|create,delete,deletecollection,get,list,patch,update,watch||
storage.k8s.io/v1|csinodes|csinode|storage.k8s.io/v1/CSINode|c|create,delete,deletecollection,get,list,patch,update,watch||
storage.k8s.io/v1|csistoragecapacities|csistoragecapacity|storage.k8s.io/v1/CSIStorageCapacity|n|create,delete,deletecollection,get,list,patch,update,watch||
storage.k8s.io/v1|storageclasses|storageclass|storage.k8s.io/v1/StorageClass|c|create,delete,deletecollection,get,list,patch,update,watch|sc|
storage.k8s.io/v1|volumeattachments|volumeattachment|storage.k8s.io/v1/VolumeAttachment|c|create,delete,deletecollection,get,list,patch,update,watch||
 status|storage.k8s.io/v1/VolumeAttachment|get,patch,update
storage.k8s.io/v1|volumeattributesclasses|volumeattributesclass|storage.k8s.io/v1/VolumeAttributesClass|c|create,delete,deletecollection,get,list,patch,update,watch|vac|
admissionregistration.k8s.io/v1|mutatingadmissionpolicies|mutatingadmissionpolicy|admissionregistration.k8s.io/v1/MutatingAdmissionPolicy|c|create,delete,deletecollection,get,list,patch,update,watch||api-extensions
admissionregistration.k8s.io/v1|mutatingadmissionpolicybindings|mutatingadmissionpolicybinding|admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding|c|create,delete,deletecollection,get,list,patch,update,watch||api-extensions
admissionregistration.k8s.io/v1|mutatingwebhookconfigurations|mutatingwebhookconfiguration|admissionregistration.k8s.io/v1/MutatingWebhookConfiguration|c|create,delete,deletecollection,get,list,patch,update,watch||api-extensions
admissionregistration.k8s.io/v1|validatingadmissionpolicies|validatingadmissionpolicy|admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy|c|create,delete,deletecollection,get,list,patch,update,watch||api-extensions
 status|admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy|get,patch,update
admissionregistration.k8s.io/v1|validatingadmissionpolicybindings|validatingadmissionpolicybinding|admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding|c|create,delete,deletecollection,get,list,patch,update,watch||api-extensions
admissionregistration.k8s.io/v1|validatingwebhookconfigurations|validatingwebhookconfiguration|admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration|c|create,delete,deletecollection,get,list,patch,update,watch||api-extensions
apiextensions.k8s.io/v1|customresourcedefinitions|customresourcedefinition|apiextensions.k8s.io/v1/CustomResourceDefinition|c|create,delete,deletecollection,get,list,patch,update,watch|crd,crds|api-extensions
 status|apiextensions.k8s.io/v1/CustomResourceDefinition|get,patch,update
scheduling.k8s.io/v1|priorityclasses|priorityclass|scheduling.k8s.io/v1/PriorityClass|c|create,delete,deletecollection,get,list,patch,update,watch|pc|
coordination.k8s.io/v1|leases|lease|coordination.k8s.io/v1/Lease|n|create,delete,deletecollection,get,list,patch,update,watch||
node.k8s.io/v1|runtimeclasses|runtimeclass|node.k8s.io/v1/RuntimeClass|c|create,delete,deletecollection,get,list,patch,update,watch||
discovery.k8s.io/v1|endpointslices|endpointslice|discovery.k8s.io/v1/EndpointSlice|n|create,delete,deletecollection,get,list,patch,update,watch||
resource.k8s.io/v1|deviceclasses|deviceclass|resource.k8s.io/v1/DeviceClass|c|create,delete,deletecollection,get,list,patch,update,watch||
resource.k8s.io/v1|resourceclaims|resourceclaim|resource.k8s.io/v1/ResourceClaim|n|create,delete,deletecollection,get,list,patch,update,watch||
 status|resource.k8s.io/v1/ResourceClaim|get,patch,update
resource.k8s.io/v1|resourceclaimtemplates|resourceclaimtemplate|resource.k8s.io/v1/ResourceClaimTemplate|n|create,delete,deletecollection,get,list,patch,update,watch||
resource.k8s.io/v1|resourceslices|resourceslice|resource.k8s.io/v1/ResourceSlice|c|create,delete,deletecollection,get,list,patch,update,watch||
flowcontrol.apiserver.k8s.io/v1|flowschemas|flowschema|flowcontrol.apiserver.k8s.io/v1/FlowSchema|c|create,delete,deletecollection,get,list,patch,update,watch||
 status|flowcontrol.apiserver.k8s.io/v1/FlowSchema|get,patch,update
flowcontrol.apiserver.k8s.io/v1|prioritylevelconfigurations|prioritylevelconfiguration|flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration|c|create,delete,deletecollection,get,list,patch,update,watch||
 status|flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration|get,patch,update
`
export const typeLines: string = `
io.k8s.api.admissionregistration.v1.ApplyConfiguration||expression s
io.k8s.api.admissionregistration.v1.AuditAnnotation||key*! s|valueExpression*! s
io.k8s.api.admissionregistration.v1.ExpressionWarning||fieldRef*! s|warning*! s
io.k8s.api.admissionregistration.v1.JSONPatch||expression s
io.k8s.api.admissionregistration.v1.MatchCondition||name*! s|expression*! s
io.k8s.api.admissionregistration.v1.MatchResources!||namespaceSelector? @555|objectSelector? @555|resourceRules [@16|excludeResourceRules [@16|matchPolicy? s(Equivalent,Exact)
io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy|admissionregistration.k8s.io/v1/MutatingAdmissionPolicy|kind s|apiVersion s|metadata @559|spec @11
io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding|admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding|kind s|apiVersion s|metadata @559|spec @9
io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingList|admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBindingList|kind s|apiVersion s|metadata @557|items*! [@7
io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec||policyName s|paramRef? @18|matchResources? @5
io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyList|admissionregistration.k8s.io/v1/MutatingAdmissionPolicyList|kind s|apiVersion s|metadata @557|items*! [@6
io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec||paramKind? @17|matchConstraints? @5|variables [@33|mutations [@15|failurePolicy? s(Fail,Ignore)|matchConditions [<name>@4~merge:name|reinvocationPolicy s(IfNeeded,Never)
io.k8s.api.admissionregistration.v1.MutatingWebhook||name*! s|clientConfig*! @34|rules [@19|failurePolicy? s(Fail,Ignore)|matchPolicy? s(Equivalent,Exact)|namespaceSelector? @555|objectSelector? @555|sideEffects*^ s(None,NoneOnDryRun,Some,Unknown)|timeoutSeconds? i|admissionReviewVersions*! [s|reinvocationPolicy? s(IfNeeded,Never)|matchConditions [<name>@4~merge:name
io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration|admissionregistration.k8s.io/v1/MutatingWebhookConfiguration|kind s|apiVersion s|metadata @559|webhooks [<name>@12~merge:name
io.k8s.api.admissionregistration.v1.MutatingWebhookConfigurationList|admissionregistration.k8s.io/v1/MutatingWebhookConfigurationList|kind s|apiVersion s|metadata @557|items*! [@13
io.k8s.api.admissionregistration.v1.Mutation||patchType*! s(ApplyConfiguration,JSONPatch)|applyConfiguration? @0|jsonPatch? @3
io.k8s.api.admissionregistration.v1.NamedRuleWithOperations!||resourceNames [s|operations [s(*,CONNECT,CREATE,DELETE,UPDATE)|apiGroups [s|apiVersions [s|resources [s|scope? s(*,Cluster,Namespaced)
io.k8s.api.admissionregistration.v1.ParamKind!||apiVersion s|kind s
io.k8s.api.admissionregistration.v1.ParamRef!||name s|namespace s|selector? @555|parameterNotFoundAction? s
io.k8s.api.admissionregistration.v1.RuleWithOperations||operations [s(*,CONNECT,CREATE,DELETE,UPDATE)|apiGroups [s|apiVersions [s|resources [s|scope? s(*,Cluster,Namespaced)
io.k8s.api.admissionregistration.v1.ServiceReference||namespace*! s|name*! s|path? s|port? i
io.k8s.api.admissionregistration.v1.TypeChecking||expressionWarnings [@2
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy|admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy|kind s|apiVersion s|metadata @559|spec @27|status @28
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding|admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding|kind s|apiVersion s|metadata @559|spec* @25
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingList|admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBindingList|kind s|apiVersion s|metadata @557|items*! [@23
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec||policyName* s|paramRef? @18|matchResources? @5|validationActions* [<>s(Audit,Deny,Warn)
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyList|admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyList|kind s|apiVersion s|metadata @557|items*! [@22
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec||paramKind? @17|matchConstraints? @5|validations [@32|failurePolicy? s(Fail,Ignore)|auditAnnotations [@1|matchConditions [<name>@4~merge:name|variables [<name>@33~merge:name
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus||observedGeneration l|typeChecking? @21|conditions [<type>@551
io.k8s.api.admissionregistration.v1.ValidatingWebhook||name*! s|clientConfig*! @34|rules [@19|failurePolicy? s(Fail,Ignore)|matchPolicy? s(Equivalent,Exact)|namespaceSelector? @555|objectSelector? @555|sideEffects*^ s(None,NoneOnDryRun,Some,Unknown)|timeoutSeconds? i|admissionReviewVersions*! [s|matchConditions [<name>@4~merge:name
io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration|admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration|kind s|apiVersion s|metadata @559|webhooks [<name>@29~merge:name
io.k8s.api.admissionregistration.v1.ValidatingWebhookConfigurationList|admissionregistration.k8s.io/v1/ValidatingWebhookConfigurationList|kind s|apiVersion s|metadata @557|items*! [@30
io.k8s.api.admissionregistration.v1.Validation||expression*! s|message s|reason? s|messageExpression s
io.k8s.api.admissionregistration.v1.Variable!||name*! s|expression*! s
io.k8s.api.admissionregistration.v1.WebhookClientConfig||url? s|service? @20|caBundle y
io.k8s.api.apps.v1.ControllerRevision|apps/v1/ControllerRevision|kind s|apiVersion s|metadata @559|data w|revision*! l
io.k8s.api.apps.v1.ControllerRevisionList|apps/v1/ControllerRevisionList|kind s|apiVersion s|metadata @557|items*! [@35
io.k8s.api.apps.v1.DaemonSet|apps/v1/DaemonSet|kind s|apiVersion s|metadata @559|spec @40|status @41
io.k8s.api.apps.v1.DaemonSetCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s
io.k8s.api.apps.v1.DaemonSetList|apps/v1/DaemonSetList|kind s|apiVersion s|metadata @557|items*! [@37
io.k8s.api.apps.v1.DaemonSetSpec||selector*^ @555|template*! @300|updateStrategy @42|minReadySeconds i|revisionHistoryLimit? i
io.k8s.api.apps.v1.DaemonSetStatus||currentNumberScheduled*! i|numberMisscheduled*! i|desiredNumberScheduled*! i|numberReady*! i|observedGeneration l|updatedNumberScheduled i|numberAvailable i|numberUnavailable i|collisionCount? i|conditions [<type>@38~merge:type
io.k8s.api.apps.v1.DaemonSetUpdateStrategy||type s(OnDelete,RollingUpdate)|rollingUpdate? @54
io.k8s.api.apps.v1.Deployment|apps/v1/Deployment|kind s|apiVersion s|metadata @559|spec @46|status @47
io.k8s.api.apps.v1.DeploymentCondition||type*! s|status*! s|lastUpdateTime t|lastTransitionTime t|reason s|message s
io.k8s.api.apps.v1.DeploymentList|apps/v1/DeploymentList|kind s|apiVersion s|metadata @557|items*! [@43
io.k8s.api.apps.v1.DeploymentSpec||replicas? i|selector*^ @555|template*! @300|strategy @48~retainKeys|minReadySeconds i|revisionHistoryLimit? i|paused b|progressDeadlineSeconds? i
io.k8s.api.apps.v1.DeploymentStatus||observedGeneration l|replicas i|updatedReplicas i|readyReplicas i|availableReplicas i|unavailableReplicas i|terminatingReplicas? i|conditions [<type>@44~merge:type|collisionCount? i
io.k8s.api.apps.v1.DeploymentStrategy||type s(Recreate,RollingUpdate)|rollingUpdate? @55
io.k8s.api.apps.v1.ReplicaSet|apps/v1/ReplicaSet|kind s|apiVersion s|metadata @559|spec @52|status @53
io.k8s.api.apps.v1.ReplicaSetCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s
io.k8s.api.apps.v1.ReplicaSetList|apps/v1/ReplicaSetList|kind s|apiVersion s|metadata @557|items*! [@49
io.k8s.api.apps.v1.ReplicaSetSpec||replicas? i|minReadySeconds i|selector*^ @555|template @300
io.k8s.api.apps.v1.ReplicaSetStatus||replicas*! i|fullyLabeledReplicas i|readyReplicas i|availableReplicas i|terminatingReplicas? i|observedGeneration l|conditions [<type>@50~merge:type
io.k8s.api.apps.v1.RollingUpdateDaemonSet||maxUnavailable? x|maxSurge? x
io.k8s.api.apps.v1.RollingUpdateDeployment||maxUnavailable? x|maxSurge? x
io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy||partition? i|maxUnavailable? x
io.k8s.api.apps.v1.StatefulSet|apps/v1/StatefulSet|kind s|apiVersion s|metadata @559|spec @62|status @63
io.k8s.api.apps.v1.StatefulSetCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s
io.k8s.api.apps.v1.StatefulSetList|apps/v1/StatefulSetList|kind s|apiVersion s|metadata @557|items*! [@57
io.k8s.api.apps.v1.StatefulSetOrdinals||start! i
io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy||whenDeleted s|whenScaled s
io.k8s.api.apps.v1.StatefulSetSpec||replicas? i|selector*^ @555|template*! @300|volumeClaimTemplates [@267|serviceName! s|podManagementPolicy s(OrderedReady,Parallel)|updateStrategy @64|revisionHistoryLimit? i|minReadySeconds i|persistentVolumeClaimRetentionPolicy? @61|ordinals? @60
io.k8s.api.apps.v1.StatefulSetStatus||observedGeneration l|replicas*! i|readyReplicas i|currentReplicas i|updatedReplicas i|currentRevision s|updateRevision s|collisionCount? i|conditions [<type>@58~merge:type|availableReplicas! i
io.k8s.api.apps.v1.StatefulSetUpdateStrategy||type s(OnDelete,RollingUpdate)|rollingUpdate? @56
io.k8s.api.authentication.v1.BoundObjectReference||kind s|apiVersion s|name s|uid s
io.k8s.api.authentication.v1.SelfSubjectReview|authentication.k8s.io/v1/SelfSubjectReview|kind s|apiVersion s|metadata @559|status @67
io.k8s.api.authentication.v1.SelfSubjectReviewStatus||userInfo @74
io.k8s.api.authentication.v1.TokenRequest|authentication.k8s.io/v1/TokenRequest|kind s|apiVersion s|metadata @559|spec! @69|status @70
io.k8s.api.authentication.v1.TokenRequestSpec||audiences! [s|expirationSeconds^ l|boundObjectRef^ @65
io.k8s.api.authentication.v1.TokenRequestStatus||token! s|expirationTimestamp! t
io.k8s.api.authentication.v1.TokenReview|authentication.k8s.io/v1/TokenReview|kind s|apiVersion s|metadata @559|spec*! @72|status @73
io.k8s.api.authentication.v1.TokenReviewSpec||token* s|audiences [s
io.k8s.api.authentication.v1.TokenReviewStatus||authenticated b|user @74|audiences [s|error s
io.k8s.api.authentication.v1.UserInfo||username s|uid s|groups [s|extra {[s
io.k8s.api.authorization.v1.FieldSelectorAttributes||rawSelector s|requirements [@553
io.k8s.api.authorization.v1.LabelSelectorAttributes||rawSelector s|requirements [@556
io.k8s.api.authorization.v1.LocalSubjectAccessReview|authorization.k8s.io/v1/LocalSubjectAccessReview|kind s|apiVersion s|metadata @559|spec*! @87|status @88
io.k8s.api.authorization.v1.NonResourceAttributes||path s|verb s
io.k8s.api.authorization.v1.NonResourceRule||verbs*! [s|nonResourceURLs [s
io.k8s.api.authorization.v1.ResourceAttributes||namespace s|verb s|group s|version s|resource s|subresource s|name s|fieldSelector? @75|labelSelector? @76
io.k8s.api.authorization.v1.ResourceRule||verbs*! [s|apiGroups [s|resources [s|resourceNames [s
io.k8s.api.authorization.v1.SelfSubjectAccessReview|authorization.k8s.io/v1/SelfSubjectAccessReview|kind s|apiVersion s|metadata @559|spec*! @83|status @88
io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec||resourceAttributes? @80|nonResourceAttributes? @78
io.k8s.api.authorization.v1.SelfSubjectRulesReview|authorization.k8s.io/v1/SelfSubjectRulesReview|kind s|apiVersion s|metadata @559|spec*! @85|status @89
io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec||namespace s
io.k8s.api.authorization.v1.SubjectAccessReview|authorization.k8s.io/v1/SubjectAccessReview|kind s|apiVersion s|metadata @559|spec*! @87|status @88
io.k8s.api.authorization.v1.SubjectAccessReviewSpec||resourceAttributes? @80|nonResourceAttributes? @78|user s|groups [s|extra {[s|uid s
io.k8s.api.authorization.v1.SubjectAccessReviewStatus||allowed*! b|denied b|reason s|evaluationError s
io.k8s.api.authorization.v1.SubjectRulesReviewStatus||resourceRules*! [@81|nonResourceRules*! [@79|incomplete*! b|evaluationError s
io.k8s.api.autoscaling.v1.CrossVersionObjectReference!||kind*! s|name*! s|apiVersion s
io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler|autoscaling/v1/HorizontalPodAutoscaler|kind s|apiVersion s|metadata @559|spec* @93|status @94
io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerList|autoscaling/v1/HorizontalPodAutoscalerList|kind s|apiVersion s|metadata @557|items*! [@91
io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec||scaleTargetRef*! @90|minReplicas? i|maxReplicas*! i|targetCPUUtilizationPercentage? i
io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus||observedGeneration? l|lastScaleTime? t|currentReplicas*! i|desiredReplicas*! i|currentCPUUtilizationPercentage? i
io.k8s.api.autoscaling.v1.Scale|autoscaling/v1/Scale|kind s|apiVersion s|metadata @559|spec @96|status @97
io.k8s.api.autoscaling.v1.ScaleSpec||replicas i
io.k8s.api.autoscaling.v1.ScaleStatus||replicas*! i|selector s
io.k8s.api.autoscaling.v2.ContainerResourceMetricSource||name*! s|target*! @114|container*! s
io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus||name*! s|current*! @115|container*! s
io.k8s.api.autoscaling.v2.CrossVersionObjectReference||kind*! s|name*! s|apiVersion s
io.k8s.api.autoscaling.v2.ExternalMetricSource||metric*! @111|target*! @114
io.k8s.api.autoscaling.v2.ExternalMetricStatus||metric*! @111|current*! @115
io.k8s.api.autoscaling.v2.HPAScalingPolicy||type*! s|value*! i|periodSeconds*! i
io.k8s.api.autoscaling.v2.HPAScalingRules||stabilizationWindowSeconds? i|selectPolicy? s|policies [@103|tolerance? q
io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler|autoscaling/v2/HorizontalPodAutoscaler|kind s|apiVersion s|metadata @559|spec* @109|status @110
io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior||scaleUp? @104|scaleDown? @104
io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s
io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerList|autoscaling/v2/HorizontalPodAutoscalerList|kind s|apiVersion s|metadata @557|items*! [@105
io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec||scaleTargetRef*! @100|minReplicas? i|maxReplicas*! i|metrics [@112|behavior? @106
io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus||observedGeneration? l|lastScaleTime? t|currentReplicas i|desiredReplicas*! i|currentMetrics! [@113|conditions [<type>@107~merge:type
io.k8s.api.autoscaling.v2.MetricIdentifier||name*! s|selector? @555
io.k8s.api.autoscaling.v2.MetricSpec||type*! s|object? @116|pods? @118|resource? @120|containerResource? @98|external? @101
io.k8s.api.autoscaling.v2.MetricStatus||type*! s|object? @117|pods? @119|resource? @121|containerResource? @99|external? @102
io.k8s.api.autoscaling.v2.MetricTarget||type*! s|value? q|averageValue? q|averageUtilization? i
io.k8s.api.autoscaling.v2.MetricValueStatus||value? q|averageValue? q|averageUtilization? i
io.k8s.api.autoscaling.v2.ObjectMetricSource||describedObject*! @100|target*! @114|metric*! @111
io.k8s.api.autoscaling.v2.ObjectMetricStatus||metric*! @111|current*! @115|describedObject*! @100
io.k8s.api.autoscaling.v2.PodsMetricSource||metric*! @111|target*! @114
io.k8s.api.autoscaling.v2.PodsMetricStatus||metric*! @111|current*! @115
io.k8s.api.autoscaling.v2.ResourceMetricSource||name*! s|target*! @114
io.k8s.api.autoscaling.v2.ResourceMetricStatus||name*! s|current*! @115
io.k8s.api.batch.v1.CronJob|batch/v1/CronJob|kind s|apiVersion s|metadata @559|spec* @124|status @125
io.k8s.api.batch.v1.CronJobList|batch/v1/CronJobList|kind s|apiVersion s|metadata @557|items*! [@122
io.k8s.api.batch.v1.CronJobSpec||schedule*! s|timeZone? s|startingDeadlineSeconds? l|concurrencyPolicy s(Allow,Forbid,Replace)|suspend? b|jobTemplate*! @131|successfulJobsHistoryLimit? i|failedJobsHistoryLimit? i
io.k8s.api.batch.v1.CronJobStatus||active [@265|lastScheduleTime? t|lastSuccessfulTime? t
io.k8s.api.batch.v1.Job|batch/v1/Job|kind s|apiVersion s|metadata @559|spec @129|status @130
io.k8s.api.batch.v1.JobCondition||type*! s|status*! s|lastProbeTime t|lastTransitionTime t|reason s|message s
io.k8s.api.batch.v1.JobList|batch/v1/JobList|kind s|apiVersion s|metadata @557|items*! [@126
io.k8s.api.batch.v1.JobSpec||parallelism? i|completions? i|activeDeadlineSeconds? l|podFailurePolicy? @132|successPolicy? @136|backoffLimit? i|backoffLimitPerIndex? i|maxFailedIndexes? i|selector? @555|manualSelector? b|template*! @300|ttlSecondsAfterFinished? i|completionMode? s(Indexed,NonIndexed)|suspend? b|podReplacementPolicy? s(Failed,TerminatingOrFailed)|managedBy? s
io.k8s.api.batch.v1.JobStatus||conditions [@127~merge:type|startTime? t|completionTime? t|active i|succeeded i|failed i|terminating? i|completedIndexes s|failedIndexes? s|uncountedTerminatedPods? @138|ready? i
io.k8s.api.batch.v1.JobTemplateSpec||metadata @559|spec @129
io.k8s.api.batch.v1.PodFailurePolicy||rules*! [@135
io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement||containerName? s|operator*! s(In,NotIn)|values*! [<>i
io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern||type*! s|status! s
io.k8s.api.batch.v1.PodFailurePolicyRule||action*! s(Count,FailIndex,FailJob,Ignore)|onExitCodes? @133|onPodConditions [@134
io.k8s.api.batch.v1.SuccessPolicy||rules*! [@137
io.k8s.api.batch.v1.SuccessPolicyRule||succeededIndexes? s|succeededCount? i
io.k8s.api.batch.v1.UncountedTerminatedPods||succeeded [<>s|failed [<>s
io.k8s.api.certificates.v1.CertificateSigningRequest|certificates.k8s.io/v1/CertificateSigningRequest|kind s|apiVersion s|metadata @559|spec*! @142|status @143
io.k8s.api.certificates.v1.CertificateSigningRequestCondition||type*! s|status*! s|reason s|message s|lastUpdateTime t|lastTransitionTime t
io.k8s.api.certificates.v1.CertificateSigningRequestList|certificates.k8s.io/v1/CertificateSigningRequestList|kind s|apiVersion s|metadata @557|items*! [@139
io.k8s.api.certificates.v1.CertificateSigningRequestSpec||request*! y|signerName*! s|expirationSeconds? i|usages [s(any,cert sign,client auth,code signing,content commitment,crl sign,data encipherment,decipher only,digital signature,email protection,encipher only,ipsec end system,ipsec tunnel,ipsec user,key agreement,key encipherment,microsoft sgc,netscape sgc,ocsp signing,s/mime,server auth,signing,timestamping)|username s|uid s|groups [s|extra {[s
io.k8s.api.certificates.v1.CertificateSigningRequestStatus||conditions [<type>@140|certificate y
io.k8s.api.coordination.v1.Lease|coordination.k8s.io/v1/Lease|kind s|apiVersion s|metadata @559|spec @146
io.k8s.api.coordination.v1.LeaseList|coordination.k8s.io/v1/LeaseList|kind s|apiVersion s|metadata @557|items*! [@144
io.k8s.api.coordination.v1.LeaseSpec||holderIdentity? s|leaseDurationSeconds? i|acquireTime? u|renewTime? u|leaseTransitions? i|strategy? s|preferredHolder? s
io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource||volumeID*! s|fsType s|partition i|readOnly b
io.k8s.api.core.v1.Affinity||nodeAffinity? @247|podAffinity? @279|podAntiAffinity? @281
io.k8s.api.core.v1.AppArmorProfile||type*! s(Localhost,RuntimeDefault,Unconfined)|localhostProfile? s
io.k8s.api.core.v1.AttachedVolume||name*! s|devicePath*! s
io.k8s.api.core.v1.AzureDiskVolumeSource||diskName*! s|diskURI*! s|cachingMode? s(None,ReadOnly,ReadWrite)="ReadWrite"|fsType? s="ext4"|readOnly? b|kind? s(Dedicated,Managed,Shared)="Shared"
io.k8s.api.core.v1.AzureFilePersistentVolumeSource||secretName*! s|shareName*! s|readOnly b|secretNamespace^ s
io.k8s.api.core.v1.AzureFileVolumeSource||secretName*! s|shareName*! s|readOnly b
io.k8s.api.core.v1.Binding|/v1/Binding|kind s|apiVersion s|metadata @559|target*! @265
io.k8s.api.core.v1.CSIPersistentVolumeSource||driver*! s|volumeHandle*! s|readOnly b|fsType s|volumeAttributes {s|controllerPublishSecretRef? @334|nodeStageSecretRef? @334|nodePublishSecretRef? @334|controllerExpandSecretRef? @334|nodeExpandSecretRef? @334
io.k8s.api.core.v1.CSIVolumeSource||driver*! s|readOnly? b|fsType? s|volumeAttributes {s|nodePublishSecretRef? @236
io.k8s.api.core.v1.Capabilities||add [s|drop [s
io.k8s.api.core.v1.CephFSPersistentVolumeSource||monitors*! [s|path s|user s|secretFile s|secretRef? @334|readOnly b
io.k8s.api.core.v1.CephFSVolumeSource||monitors*! [s|path s|user s|secretFile s|secretRef? @236|readOnly b
io.k8s.api.core.v1.CinderPersistentVolumeSource||volumeID*! s|fsType s|readOnly b|secretRef? @334
io.k8s.api.core.v1.CinderVolumeSource||volumeID*! s|fsType s|readOnly b|secretRef? @236
io.k8s.api.core.v1.ClientIPConfig||timeoutSeconds? i
io.k8s.api.core.v1.ClusterTrustBundleProjection||name? s|signerName? s|labelSelector? @555|optional? b|path*! s
io.k8s.api.core.v1.ComponentCondition||type*! s|status*! s|message s|error s
io.k8s.api.core.v1.ComponentStatus|/v1/ComponentStatus|kind s|apiVersion s|metadata @559|conditions [<type>@164~merge:type
io.k8s.api.core.v1.ComponentStatusList|/v1/ComponentStatusList|kind s|apiVersion s|metadata @557|items*! [@165
io.k8s.api.core.v1.ConfigMap|/v1/ConfigMap|kind s|apiVersion s|metadata @559|immutable? b|data {s|binaryData {y
io.k8s.api.core.v1.ConfigMapEnvSource||name s|optional? b
io.k8s.api.core.v1.ConfigMapKeySelector!||name s|key*! s|optional? b
io.k8s.api.core.v1.ConfigMapList|/v1/ConfigMapList|kind s|apiVersion s|metadata @557|items*! [@167
io.k8s.api.core.v1.ConfigMapNodeConfigSource||namespace*! s|name*! s|uid s|resourceVersion s|kubeletConfigKey*! s
io.k8s.api.core.v1.ConfigMapProjection||name s|items [@226|optional? b
io.k8s.api.core.v1.ConfigMapVolumeSource||name s|items [@226|defaultMode? i|optional? b
io.k8s.api.core.v1.Container||name*! s|image s|command [s|args [s|workingDir s|ports [<containerPort,protocol>@177~merge:containerPort|envFrom [@197|env [<name>@198~merge:name|resources @321|resizePolicy [@178|restartPolicy? s|restartPolicyRules [@179|volumeMounts [<mountPath>@360~merge:mountPath|volumeDevices [<devicePath>@359~merge:devicePath|livenessProbe? @304|readinessProbe? @304|startupProbe? @304|lifecycle? @227|terminationMessagePath s|terminationMessagePolicy s(FallbackToLogsOnError,File)|imagePullPolicy s(Always,IfNotPresent,Never)|securityContext? @336|stdin b|stdinOnce b|tty b
io.k8s.api.core.v1.ContainerExtendedResourceRequest||containerName*! s|resourceName*! s|requestName*! s
io.k8s.api.core.v1.ContainerImage||names! [s|sizeBytes l
io.k8s.api.core.v1.ContainerPort||name s|hostPort i|containerPort*! i|protocol s(SCTP,TCP,UDP)="TCP"|hostIP s
io.k8s.api.core.v1.ContainerResizePolicy||resourceName*! s|restartPolicy*! s
io.k8s.api.core.v1.ContainerRestartRule||action* s|exitCodes? @180
io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes||operator* s|values [<>i
io.k8s.api.core.v1.ContainerState||waiting? @184|running? @182|terminated? @183
io.k8s.api.core.v1.ContainerStateRunning||startedAt t
io.k8s.api.core.v1.ContainerStateTerminated||exitCode*! i|signal i|reason s|message s|startedAt t|finishedAt t|containerID s
io.k8s.api.core.v1.ContainerStateWaiting||reason s|message s
io.k8s.api.core.v1.ContainerStatus||name*! s|state @181|lastState @181|ready*! b|restartCount*! i|image*! s|imageID*! s|containerID s|started? b|allocatedResources {q|resources? @321|volumeMounts [<mountPath>@361~merge:mountPath|user? @186|allocatedResourcesStatus [<name>@322~merge:name|stopSignal? s(SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)
io.k8s.api.core.v1.ContainerUser||linux? @233
io.k8s.api.core.v1.DaemonEndpoint||Port*! i
io.k8s.api.core.v1.DownwardAPIProjection||items [@189
io.k8s.api.core.v1.DownwardAPIVolumeFile||path*! s|fieldRef? @264|resourceFieldRef? @315|mode? i
io.k8s.api.core.v1.DownwardAPIVolumeSource||items [@189|defaultMode? i
io.k8s.api.core.v1.EmptyDirVolumeSource||medium s|sizeLimit? q
io.k8s.api.core.v1.EndpointAddress!||ip*! s|hostname s|nodeName? s|targetRef? @265
io.k8s.api.core.v1.EndpointPort!||name s|port*! i|protocol s(SCTP,TCP,UDP)|appProtocol? s
io.k8s.api.core.v1.EndpointSubset||addresses [@192|notReadyAddresses [@192|ports [@193
io.k8s.api.core.v1.Endpoints|/v1/Endpoints|kind s|apiVersion s|metadata @559|subsets [@194
io.k8s.api.core.v1.EndpointsList|/v1/EndpointsList|kind s|apiVersion s|metadata @557|items*! [@195
io.k8s.api.core.v1.EnvFromSource||prefix s|configMapRef? @168|secretRef? @330
io.k8s.api.core.v1.EnvVar||name*! s|value s|valueFrom? @199
io.k8s.api.core.v1.EnvVarSource||fieldRef? @264|resourceFieldRef? @315|configMapKeyRef? @169|secretKeyRef? @331|fileKeyRef? @208
io.k8s.api.core.v1.EphemeralContainer||name*! s|image s|command [s|args [s|workingDir s|ports [<containerPort,protocol>@177~merge:containerPort|envFrom [@197|env [<name>@198~merge:name|resources @321|resizePolicy [@178|restartPolicy? s|restartPolicyRules [@179|volumeMounts [<mountPath>@360~merge:mountPath|volumeDevices [<devicePath>@359~merge:devicePath|livenessProbe? @304|readinessProbe? @304|startupProbe? @304|lifecycle? @227|terminationMessagePath s|terminationMessagePolicy s(FallbackToLogsOnError,File)|imagePullPolicy s(Always,IfNotPresent,Never)|securityContext? @336|stdin b|stdinOnce b|tty b|targetContainerName s
io.k8s.api.core.v1.EphemeralVolumeSource||volumeClaimTemplate? @272
io.k8s.api.core.v1.Event|/v1/Event|kind s|apiVersion s|metadata*! @559|involvedObject*! @265|reason s|message s|source @205|firstTimestamp t|lastTimestamp t|count i|type s|eventTime u|series? @204|action s|related? @265|reportingComponent! s|reportingInstance! s
io.k8s.api.core.v1.EventList|/v1/EventList|kind s|apiVersion s|metadata @557|items*! [@202
io.k8s.api.core.v1.EventSeries||count i|lastObservedTime u
io.k8s.api.core.v1.EventSource||component s|host s
io.k8s.api.core.v1.ExecAction||command [s
io.k8s.api.core.v1.FCVolumeSource||targetWWNs [s|lun? i|fsType s|readOnly b|wwids [s
io.k8s.api.core.v1.FileKeySelector!||volumeName*! s|path*! s|key*! s|optional? b
io.k8s.api.core.v1.FlexPersistentVolumeSource||driver*! s|fsType s|secretRef? @334|readOnly b|options {s
io.k8s.api.core.v1.FlexVolumeSource||driver*! s|fsType s|secretRef? @236|readOnly b|options {s
io.k8s.api.core.v1.FlockerVolumeSource||datasetName s|datasetUUID s
io.k8s.api.core.v1.GCEPersistentDiskVolumeSource||pdName*! s|fsType s|partition i|readOnly b
io.k8s.api.core.v1.GRPCAction||port*! i|service^ s
io.k8s.api.core.v1.GitRepoVolumeSource||repository*! s|revision s|directory s
io.k8s.api.core.v1.GlusterfsPersistentVolumeSource||endpoints*! s|path*! s|readOnly b|endpointsNamespace? s
io.k8s.api.core.v1.GlusterfsVolumeSource||endpoints*! s|path*! s|readOnly b
io.k8s.api.core.v1.HTTPGetAction||path s|port*! x|host s|scheme s(HTTP,HTTPS)|httpHeaders [@218
io.k8s.api.core.v1.HTTPHeader||name*! s|value*! s
io.k8s.api.core.v1.HostAlias||ip*! s|hostnames [s
io.k8s.api.core.v1.HostIP||ip*! s
io.k8s.api.core.v1.HostPathVolumeSource||path*! s|type? s(,BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket)
io.k8s.api.core.v1.ISCSIPersistentVolumeSource||targetPortal*! s|iqn*! s|lun*! i|iscsiInterface s="default"|fsType s|readOnly b|portals [s|chapAuthDiscovery b|chapAuthSession b|secretRef? @334|initiatorName? s
io.k8s.api.core.v1.ISCSIVolumeSource||targetPortal*! s|iqn*! s|lun*! i|iscsiInterface s="default"|fsType s|readOnly b|portals [s|chapAuthDiscovery b|chapAuthSession b|secretRef? @236|initiatorName? s
io.k8s.api.core.v1.ImageVolumeSource||reference s|pullPolicy s(Always,IfNotPresent,Never)
io.k8s.api.core.v1.ImageVolumeStatus||imageRef* s
io.k8s.api.core.v1.KeyToPath||key*! s|path*! s|mode? i
io.k8s.api.core.v1.Lifecycle||postStart? @228|preStop? @228|stopSignal? s(SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ)
io.k8s.api.core.v1.LifecycleHandler||exec? @206|httpGet? @217|tcpSocket? @350|sleep? @346
io.k8s.api.core.v1.LimitRange|/v1/LimitRange|kind s|apiVersion s|metadata @559|spec @232
io.k8s.api.core.v1.LimitRangeItem||type*! s|max {q|min {q|default {q|defaultRequest {q|maxLimitRequestRatio {q
io.k8s.api.core.v1.LimitRangeList|/v1/LimitRangeList|kind s|apiVersion s|metadata @557|items*! [@229
io.k8s.api.core.v1.LimitRangeSpec||limits*! [@230
io.k8s.api.core.v1.LinuxContainerUser||uid*! l|gid*! l|supplementalGroups [l
io.k8s.api.core.v1.LoadBalancerIngress||ip s|hostname s|ipMode? s|ports [@301
io.k8s.api.core.v1.LoadBalancerStatus||ingress [@234
io.k8s.api.core.v1.LocalObjectReference!||name s
io.k8s.api.core.v1.LocalVolumeSource||path*! s|fsType? s
io.k8s.api.core.v1.ModifyVolumeStatus||targetVolumeAttributesClassName s|status*! s(InProgress,Infeasible,Pending)
io.k8s.api.core.v1.NFSVolumeSource||server*! s|path*! s|readOnly b
io.k8s.api.core.v1.Namespace|/v1/Namespace|kind s|apiVersion s|metadata @559|spec @243|status @244
io.k8s.api.core.v1.NamespaceCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s
io.k8s.api.core.v1.NamespaceList|/v1/NamespaceList|kind s|apiVersion s|metadata @557|items*! [@240
io.k8s.api.core.v1.NamespaceSpec||finalizers [s
io.k8s.api.core.v1.NamespaceStatus||phase s(Active,Terminating)|conditions [<type>@241~merge:type
io.k8s.api.core.v1.Node|/v1/Node|kind s|apiVersion s|metadata @559|spec @260|status @261
io.k8s.api.core.v1.NodeAddress||type*! s|address*! s
io.k8s.api.core.v1.NodeAffinity||requiredDuringSchedulingIgnoredDuringExecution? @257|preferredDuringSchedulingIgnoredDuringExecution [@303
io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus||resourceClaimName*! s|containers [<>s|resources*! {q
io.k8s.api.core.v1.NodeCondition||type*! s|status*! s|lastHeartbeatTime t|lastTransitionTime t|reason s|message s
io.k8s.api.core.v1.NodeConfigSource||configMap? @171
io.k8s.api.core.v1.NodeConfigStatus||assigned? @250|active? @250|lastKnownGood? @250|error s
io.k8s.api.core.v1.NodeDaemonEndpoints||kubeletEndpoint @187
io.k8s.api.core.v1.NodeFeatures||supplementalGroupsPolicy? b
io.k8s.api.core.v1.NodeList|/v1/NodeList|kind s|apiVersion s|metadata @557|items*! [@245
io.k8s.api.core.v1.NodeRuntimeHandler||name! s|features? @256
io.k8s.api.core.v1.NodeRuntimeHandlerFeatures||recursiveReadOnlyMounts? b|userNamespaces? b
io.k8s.api.core.v1.NodeSelector!||nodeSelectorTerms*! [@259
io.k8s.api.core.v1.NodeSelectorRequirement||key*! s|operator*! s(DoesNotExist,Exists,Gt,In,Lt,NotIn)|values [s
io.k8s.api.core.v1.NodeSelectorTerm!||matchExpressions [@258|matchFields [@258
io.k8s.api.core.v1.NodeSpec||podCIDR s|podCIDRs [<>s~merge|providerID s|unschedulable b|taints [@351|configSource? @250|externalID s
io.k8s.api.core.v1.NodeStatus||capacity {q|allocatable {q|phase s(Pending,Running,Terminated)|conditions [<type>@249~merge:type|addresses [<type>@246~merge:type|daemonEndpoints @252|nodeInfo @263|images [@176|volumesInUse [s|volumesAttached [@150|config? @251|runtimeHandlers [@255|features? @253|declaredFeatures [s
io.k8s.api.core.v1.NodeSwapStatus||capacity? l
io.k8s.api.core.v1.NodeSystemInfo||machineID*! s|systemUUID*! s|bootID*! s|kernelVersion*! s|osImage*! s|containerRuntimeVersion*! s|kubeletVersion*! s|kubeProxyVersion*! s|operatingSystem*! s|architecture*! s|swap? @262
io.k8s.api.core.v1.ObjectFieldSelector!||apiVersion s|fieldPath*! s
io.k8s.api.core.v1.ObjectReference!||kind s|namespace s|name s|uid s|apiVersion s|resourceVersion s|fieldPath s
io.k8s.api.core.v1.PersistentVolume|/v1/PersistentVolume|kind s|apiVersion s|metadata @559|spec @275|status @276
io.k8s.api.core.v1.PersistentVolumeClaim|/v1/PersistentVolumeClaim|kind s|apiVersion s|metadata @559|spec @270|status @271
io.k8s.api.core.v1.PersistentVolumeClaimCondition||type*! s|status*! s|lastProbeTime t|lastTransitionTime t|reason s|message s
io.k8s.api.core.v1.PersistentVolumeClaimList|/v1/PersistentVolumeClaimList|kind s|apiVersion s|metadata @557|items*! [@267
io.k8s.api.core.v1.PersistentVolumeClaimSpec||accessModes [s(ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)|selector? @555|resources @364|volumeName s|storageClassName? s|volumeMode? s(Block,Filesystem)|dataSource? @356|dataSourceRef? @357|volumeAttributesClassName? s
io.k8s.api.core.v1.PersistentVolumeClaimStatus||phase s(Bound,Lost,Pending)|accessModes [s(ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)|capacity {q|conditions [<type>@268~merge:type|allocatedResources {q|allocatedResourceStatuses {s(ControllerResizeInProgress,ControllerResizeInfeasible,NodeResizeInProgress,NodeResizeInfeasible,NodeResizePending)|currentVolumeAttributesClassName? s|modifyVolumeStatus? @238
io.k8s.api.core.v1.PersistentVolumeClaimTemplate||metadata @559|spec*! @270
io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource||claimName*! s|readOnly b
io.k8s.api.core.v1.PersistentVolumeList|/v1/PersistentVolumeList|kind s|apiVersion s|metadata @557|items*! [@266
io.k8s.api.core.v1.PersistentVolumeSpec||capacity {q|gcePersistentDisk? @212|awsElasticBlockStore? @147|hostPath? @221|glusterfs? @215|nfs? @239|rbd? @307|iscsi? @222|cinder? @160|cephfs? @158|fc? @207|flocker? @211|flexVolume? @209|azureFile? @152|vsphereVolume? @366|quobyte? @306|azureDisk? @151|photonPersistentDisk? @277|portworxVolume? @302|scaleIO? @324|local? @237|storageos? @347|csi? @155|accessModes [s(ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod)|claimRef? @265|persistentVolumeReclaimPolicy s(Delete,Recycle,Retain)|storageClassName s|mountOptions [s|volumeMode? s(Block,Filesystem)|nodeAffinity? @362|volumeAttributesClassName? s
io.k8s.api.core.v1.PersistentVolumeStatus||phase s(Available,Bound,Failed,Pending,Released)|message s|reason s|lastPhaseTransitionTime? t
io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource||pdID*! s|fsType s
io.k8s.api.core.v1.Pod|/v1/Pod|kind s|apiVersion s|metadata @559|spec @296|status @297
io.k8s.api.core.v1.PodAffinity||requiredDuringSchedulingIgnoredDuringExecution [@280|preferredDuringSchedulingIgnoredDuringExecution [@367
io.k8s.api.core.v1.PodAffinityTerm||labelSelector? @555|namespaces [s|topologyKey*! s|namespaceSelector? @555|matchLabelKeys [s|mismatchLabelKeys [s
io.k8s.api.core.v1.PodAntiAffinity||requiredDuringSchedulingIgnoredDuringExecution [@280|preferredDuringSchedulingIgnoredDuringExecution [@367
io.k8s.api.core.v1.PodCertificateProjection||signerName* s|keyType* s|maxExpirationSeconds? i|credentialBundlePath s|keyPath s|certificateChainPath s|userAnnotations {s
io.k8s.api.core.v1.PodCondition||type*! s|observedGeneration l|status*! s|lastProbeTime t|lastTransitionTime t|reason s|message s
io.k8s.api.core.v1.PodDNSConfig||nameservers [s|searches [s|options [@285
io.k8s.api.core.v1.PodDNSConfigOption||name s|value? s
io.k8s.api.core.v1.PodExtendedResourceClaimStatus||requestMappings*! [@175|resourceClaimName*! s
io.k8s.api.core.v1.PodIP||ip*! s
io.k8s.api.core.v1.PodList|/v1/PodList|kind s|apiVersion s|metadata @557|items*! [@278
io.k8s.api.core.v1.PodOS||name*! s
io.k8s.api.core.v1.PodReadinessGate||conditionType*! s
io.k8s.api.core.v1.PodResourceClaim||name*! s|resourceClaimName? s|resourceClaimTemplateName? s
io.k8s.api.core.v1.PodResourceClaimStatus||name*! s|resourceClaimName? s
io.k8s.api.core.v1.PodSchedulingGate||name*! s
io.k8s.api.core.v1.PodSchedulingGroup||podGroupName? s
io.k8s.api.core.v1.PodSecurityContext||seLinuxOptions? @323|windowsOptions? @368|runAsUser? l|runAsGroup? l|runAsNonRoot? b|supplementalGroups [l|supplementalGroupsPolicy? s(Merge,Strict)|fsGroup? l|sysctls [@349|fsGroupChangePolicy? s(Always,OnRootMismatch)|seccompProfile? @328|appArmorProfile? @149|seLinuxChangePolicy? s
io.k8s.api.core.v1.PodSpec||volumes [<name>@358~merge,retainKeys:name|initContainers [<name>@174~merge:name|containers*! [<name>@174~merge:name|ephemeralContainers [<name>@200~merge:name|restartPolicy s(Always,Never,OnFailure)|terminationGracePeriodSeconds? l|activeDeadlineSeconds? l|dnsPolicy s(ClusterFirst,ClusterFirstWithHostNet,Default,None)|nodeSelector {!s|serviceAccountName s|serviceAccount s|automountServiceAccountToken? b|nodeName s|hostNetwork b|hostPID b|hostIPC b|shareProcessNamespace? b|securityContext? @295|imagePullSecrets [<name>@236~merge:name|hostname s|subdomain s|affinity? @148|schedulerName s|tolerations [@352|hostAliases [<ip>@219~merge:ip|priorityClassName s|priority? i|dnsConfig? @284|readinessGates [@290|runtimeClassName? s|enableServiceLinks? b|preemptionPolicy? s(Never,PreemptLowerPriority)|overhead {q|topologySpreadConstraints [<topologyKey,whenUnsatisfiable>@355~merge:topologyKey|setHostnameAsFQDN? b|os? @289|hostUsers? b|schedulingGates [<name>@293~merge:name|resourceClaims [<name>@291~merge,retainKeys:name|resources? @321|hostnameOverride? s|schedulingGroup? @294
io.k8s.api.core.v1.PodStatus||observedGeneration l|phase s(Failed,Pending,Running,Succeeded,Unknown)|conditions [<type>@283~merge:type|message s|reason s|nominatedNodeName s|hostIP s|hostIPs [@220~merge:ip|podIP s|podIPs [<ip>@287~merge:ip|startTime? t|initContainerStatuses [@185|containerStatuses [@185|qosClass s(BestEffort,Burstable,Guaranteed)|ephemeralContainerStatuses [@185|resize s|resourceClaimStatuses [<name>@292~merge,retainKeys:name|extendedResourceClaimStatus? @286|allocatedResources {q|resources? @321|nodeAllocatableResourceClaimStatuses [@248
io.k8s.api.core.v1.PodTemplate|/v1/PodTemplate|kind s|apiVersion s|metadata @559|template @300
io.k8s.api.core.v1.PodTemplateList|/v1/PodTemplateList|kind s|apiVersion s|metadata @557|items*! [@298
io.k8s.api.core.v1.PodTemplateSpec||metadata @559|spec @296
io.k8s.api.core.v1.PortStatus||port*! i|protocol*! s(SCTP,TCP,UDP)|error? s
io.k8s.api.core.v1.PortworxVolumeSource||volumeID*! s|fsType s|readOnly b
io.k8s.api.core.v1.PreferredSchedulingTerm||weight*! i|preference*! @259
io.k8s.api.core.v1.Probe||exec? @206|httpGet? @217|tcpSocket? @350|grpc? @213|initialDelaySeconds i|timeoutSeconds i|periodSeconds i|successThreshold i|failureThreshold i|terminationGracePeriodSeconds? l
io.k8s.api.core.v1.ProjectedVolumeSource||sources! [@363|defaultMode? i
io.k8s.api.core.v1.QuobyteVolumeSource||registry*! s|volume*! s|readOnly b|user s|group s|tenant s
io.k8s.api.core.v1.RBDPersistentVolumeSource||monitors*! [s|image*! s|fsType s|pool s="rbd"|user s="admin"|keyring s="/etc/ceph/keyring"|secretRef? @334|readOnly b
io.k8s.api.core.v1.RBDVolumeSource||monitors*! [s|image*! s|fsType s|pool s="rbd"|user s="admin"|keyring s="/etc/ceph/keyring"|secretRef? @236|readOnly b
io.k8s.api.core.v1.ReplicationController|/v1/ReplicationController|kind s|apiVersion s|metadata @559|spec @312|status @313
io.k8s.api.core.v1.ReplicationControllerCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s
io.k8s.api.core.v1.ReplicationControllerList|/v1/ReplicationControllerList|kind s|apiVersion s|metadata @557|items*! [@309
io.k8s.api.core.v1.ReplicationControllerSpec||replicas? i=1|minReadySeconds i|selector {!s|template? @300
io.k8s.api.core.v1.ReplicationControllerStatus||replicas*! i|fullyLabeledReplicas i|readyReplicas i|availableReplicas i|observedGeneration l|conditions [<type>@310~merge:type
io.k8s.api.core.v1.ResourceClaim||name*! s|request s
io.k8s.api.core.v1.ResourceFieldSelector!||containerName s|resource*! s|divisor q
io.k8s.api.core.v1.ResourceHealth||resourceID*! s|health s|message? s
io.k8s.api.core.v1.ResourceQuota|/v1/ResourceQuota|kind s|apiVersion s|metadata @559|spec @319|status @320
io.k8s.api.core.v1.ResourceQuotaList|/v1/ResourceQuotaList|kind s|apiVersion s|metadata @557|items*! [@317
io.k8s.api.core.v1.ResourceQuotaSpec||hard {q|scopes [s(BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,VolumeAttributesClass)|scopeSelector? @326
io.k8s.api.core.v1.ResourceQuotaStatus||hard {q|used {q
io.k8s.api.core.v1.ResourceRequirements||limits {q|requests {q|claims [<name>@314
io.k8s.api.core.v1.ResourceStatus||name*! s|resources [<resourceID>@316
io.k8s.api.core.v1.SELinuxOptions||user s|role s|type s|level s
io.k8s.api.core.v1.ScaleIOPersistentVolumeSource||gateway*! s|system*! s|secretRef*^ @334|sslEnabled b|protectionDomain s|storagePool s|storageMode s="ThinProvisioned"|volumeName s|fsType s="xfs"|readOnly b
io.k8s.api.core.v1.ScaleIOVolumeSource||gateway*! s|system*! s|secretRef*^ @236|sslEnabled b|protectionDomain s|storagePool s|storageMode s="ThinProvisioned"|volumeName s|fsType s="xfs"|readOnly b
io.k8s.api.core.v1.ScopeSelector!||matchExpressions [@327
io.k8s.api.core.v1.ScopedResourceSelectorRequirement||scopeName*! s(BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,VolumeAttributesClass)|operator*! s(DoesNotExist,Exists,In,NotIn)|values [s
io.k8s.api.core.v1.SeccompProfile||type*! s(Localhost,RuntimeDefault,Unconfined)|localhostProfile? s
io.k8s.api.core.v1.Secret|/v1/Secret|kind s|apiVersion s|metadata @559|immutable? b|data {y|stringData {s|type s
io.k8s.api.core.v1.SecretEnvSource||name s|optional? b
io.k8s.api.core.v1.SecretKeySelector!||name s|key*! s|optional? b
io.k8s.api.core.v1.SecretList|/v1/SecretList|kind s|apiVersion s|metadata @557|items*! [@329
io.k8s.api.core.v1.SecretProjection||name s|items [@226|optional? b
io.k8s.api.core.v1.SecretReference!||name s|namespace s
io.k8s.api.core.v1.SecretVolumeSource||secretName s|items [@226|defaultMode? i|optional? b
io.k8s.api.core.v1.SecurityContext||capabilities? @157|privileged? b|seLinuxOptions? @323|windowsOptions? @368|runAsUser? l|runAsGroup? l|runAsNonRoot? b|readOnlyRootFilesystem? b|allowPrivilegeEscalation? b|procMount? s(Default,Unmasked)|seccompProfile? @328|appArmorProfile? @149
io.k8s.api.core.v1.Service|/v1/Service|kind s|apiVersion s|metadata @559|spec @343|status @344
io.k8s.api.core.v1.ServiceAccount|/v1/ServiceAccount|kind s|apiVersion s|metadata @559|secrets [<name>@265~merge:name|imagePullSecrets [@236|automountServiceAccountToken? b
io.k8s.api.core.v1.ServiceAccountList|/v1/ServiceAccountList|kind s|apiVersion s|metadata @557|items*! [@338
io.k8s.api.core.v1.ServiceAccountTokenProjection||audience s|expirationSeconds? l|path*! s
io.k8s.api.core.v1.ServiceList|/v1/ServiceList|kind s|apiVersion s|metadata @557|items*! [@337
io.k8s.api.core.v1.ServicePort||name s|protocol s(SCTP,TCP,UDP)="TCP"|appProtocol? s|port*! i|targetPort x|nodePort i
io.k8s.api.core.v1.ServiceSpec||ports [<port,protocol>@342~merge:port|selector {!s|clusterIP s|clusterIPs [s|type s(ClusterIP,ExternalName,LoadBalancer,NodePort)|externalIPs [s|sessionAffinity s(ClientIP,None)|loadBalancerIP s|loadBalancerSourceRanges [s|externalName s|externalTrafficPolicy s(Cluster,Local)|healthCheckNodePort i|publishNotReadyAddresses b|sessionAffinityConfig? @345|ipFamilies [s(,IPv4,IPv6)|ipFamilyPolicy? s(PreferDualStack,RequireDualStack,SingleStack)|allocateLoadBalancerNodePorts? b|loadBalancerClass? s|internalTrafficPolicy? s(Cluster,Local)|trafficDistribution? s
io.k8s.api.core.v1.ServiceStatus||loadBalancer @235|conditions [<type>@551~merge:type
io.k8s.api.core.v1.SessionAffinityConfig||clientIP? @162
io.k8s.api.core.v1.SleepAction||seconds*! l
io.k8s.api.core.v1.StorageOSPersistentVolumeSource||volumeName s|volumeNamespace s|fsType s|readOnly b|secretRef? @265
io.k8s.api.core.v1.StorageOSVolumeSource||volumeName s|volumeNamespace s|fsType s|readOnly b|secretRef? @236
io.k8s.api.core.v1.Sysctl||name*! s|value*! s
io.k8s.api.core.v1.TCPSocketAction||port*! x|host s
io.k8s.api.core.v1.Taint||key*! s|value s|effect*! s(NoExecute,NoSchedule,PreferNoSchedule)|timeAdded? t
io.k8s.api.core.v1.Toleration||key s|operator s(Equal,Exists,Gt,Lt)|value s|effect s(NoExecute,NoSchedule,PreferNoSchedule)|tolerationSeconds? l
io.k8s.api.core.v1.TopologySelectorLabelRequirement||key*! s|values*! [s
io.k8s.api.core.v1.TopologySelectorTerm!||matchLabelExpressions [@353
io.k8s.api.core.v1.TopologySpreadConstraint||maxSkew*! i|topologyKey*! s|whenUnsatisfiable*! s(DoNotSchedule,ScheduleAnyway)|labelSelector? @555|minDomains? i|nodeAffinityPolicy? s(Honor,Ignore)|nodeTaintsPolicy? s(Honor,Ignore)|matchLabelKeys [s
io.k8s.api.core.v1.TypedLocalObjectReference!||apiGroup^ s|kind*! s|name*! s
io.k8s.api.core.v1.TypedObjectReference||apiGroup^ s|kind*! s|name*! s|namespace? s
io.k8s.api.core.v1.Volume||name*! s|hostPath? @221|emptyDir? @191|gcePersistentDisk? @212|awsElasticBlockStore? @147|gitRepo? @214|secret? @335|nfs? @239|iscsi? @223|glusterfs? @216|persistentVolumeClaim? @273|rbd? @308|flexVolume? @210|cinder? @161|cephfs? @159|flocker? @211|downwardAPI? @190|fc? @207|azureFile? @153|configMap? @173|vsphereVolume? @366|quobyte? @306|azureDisk? @151|photonPersistentDisk? @277|projected? @305|portworxVolume? @302|scaleIO? @325|storageos? @348|csi? @156|ephemeral? @201|image? @224
io.k8s.api.core.v1.VolumeDevice||name*! s|devicePath*! s
io.k8s.api.core.v1.VolumeMount||name*! s|readOnly b|recursiveReadOnly? s|mountPath*! s|subPath s|mountPropagation? s(Bidirectional,HostToContainer,None)|subPathExpr s
io.k8s.api.core.v1.VolumeMountStatus||name*! s|mountPath*! s|readOnly b|recursiveReadOnly? s|volumeStatus? @365
io.k8s.api.core.v1.VolumeNodeAffinity||required? @257
io.k8s.api.core.v1.VolumeProjection||secret? @333|downwardAPI? @188|configMap? @172|serviceAccountToken? @340|clusterTrustBundle? @163|podCertificate? @282
io.k8s.api.core.v1.VolumeResourceRequirements||limits {q|requests {q
io.k8s.api.core.v1.VolumeStatus||image? @225
io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource||volumePath*! s|fsType s|storagePolicyName s|storagePolicyID s
io.k8s.api.core.v1.WeightedPodAffinityTerm||weight*! i|podAffinityTerm*! @280
io.k8s.api.core.v1.WindowsSecurityContextOptions||gmsaCredentialSpecName? s|gmsaCredentialSpec? s|runAsUserName? s|hostProcess? b
io.k8s.api.discovery.v1.Endpoint||addresses*! [<>s|conditions @370|hostname? s|targetRef? @265|deprecatedTopology {s|nodeName? s|zone? s|hints? @371
io.k8s.api.discovery.v1.EndpointConditions||ready? b|serving? b|terminating? b
io.k8s.api.discovery.v1.EndpointHints||forZones [@376|forNodes [@375
io.k8s.api.discovery.v1.EndpointPort!||name? s|protocol? s(SCTP,TCP,UDP)|port? i|appProtocol? s
io.k8s.api.discovery.v1.EndpointSlice|discovery.k8s.io/v1/EndpointSlice|kind s|apiVersion s|metadata @559|addressType*! s(FQDN,IPv4,IPv6)|endpoints! [@369|ports! [@372
io.k8s.api.discovery.v1.EndpointSliceList|discovery.k8s.io/v1/EndpointSliceList|kind s|apiVersion s|metadata @557|items*! [@373
io.k8s.api.discovery.v1.ForNode||name*! s
io.k8s.api.discovery.v1.ForZone||name*! s
io.k8s.api.events.v1.Event|events.k8s.io/v1/Event|kind s|apiVersion s|metadata! @559|eventTime*! u|series? @379|reportingController s|reportingInstance s|action s|reason s|regarding @265|related? @265|note s|type s|deprecatedSource @205|deprecatedFirstTimestamp t|deprecatedLastTimestamp t|deprecatedCount i
io.k8s.api.events.v1.EventList|events.k8s.io/v1/EventList|kind s|apiVersion s|metadata @557|items*! [@377
io.k8s.api.events.v1.EventSeries||count*! i|lastObservedTime*! u
io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration||nominalConcurrencyShares? i|lendablePercent? i
io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod||type*! s
io.k8s.api.flowcontrol.v1.FlowSchema|flowcontrol.apiserver.k8s.io/v1/FlowSchema|kind s|apiVersion s|metadata @559|spec @385|status @386
io.k8s.api.flowcontrol.v1.FlowSchemaCondition||type s|status s|lastTransitionTime t|reason s|message s
io.k8s.api.flowcontrol.v1.FlowSchemaList|flowcontrol.apiserver.k8s.io/v1/FlowSchemaList|kind s|apiVersion s|metadata @557|items*! [@382
io.k8s.api.flowcontrol.v1.FlowSchemaSpec||priorityLevelConfiguration*! @395|matchingPrecedence! i|distinguisherMethod? @381|rules [@391
io.k8s.api.flowcontrol.v1.FlowSchemaStatus||conditions [<type>@383~merge:type
io.k8s.api.flowcontrol.v1.GroupSubject||name*! s
io.k8s.api.flowcontrol.v1.LimitResponse||type*! s|queuing? @398
io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration||nominalConcurrencyShares^ i|limitResponse @388|lendablePercent? i|borrowingLimitPercent? i
io.k8s.api.flowcontrol.v1.NonResourcePolicyRule||verbs*! [<>s|nonResourceURLs*! [<>s
io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects||subjects*! [@401|resourceRules [@399|nonResourceRules [@390
io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration|flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration|kind s|apiVersion s|metadata @559|spec @396|status @397
io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition||type s|status s|lastTransitionTime t|reason s|message s
io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationList|flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfigurationList|kind s|apiVersion s|metadata @557|items*! [@392
io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference||name*! s
io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec||type*! s|limited? @389|exempt? @380
io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus||conditions [<type>@393~merge:type
io.k8s.api.flowcontrol.v1.QueuingConfiguration||queues! i|handSize! i|queueLengthLimit! i
io.k8s.api.flowcontrol.v1.ResourcePolicyRule||verbs*! [<>s|apiGroups*! [<>s|resources*! [<>s|clusterScope b|namespaces! [<>s
io.k8s.api.flowcontrol.v1.ServiceAccountSubject||namespace*! s|name*! s
io.k8s.api.flowcontrol.v1.Subject||kind*! s|user? @402|group? @387|serviceAccount? @400
io.k8s.api.flowcontrol.v1.UserSubject||name*! s
io.k8s.api.networking.v1.HTTPIngressPath||path s|pathType*^ s(Exact,ImplementationSpecific,Prefix)|backend*! @410
io.k8s.api.networking.v1.HTTPIngressRuleValue||paths*! [@403
io.k8s.api.networking.v1.IPAddress|networking.k8s.io/v1/IPAddress|kind s|apiVersion s|metadata @559|spec* @407
io.k8s.api.networking.v1.IPAddressList|networking.k8s.io/v1/IPAddressList|kind s|apiVersion s|metadata @557|items*! [@405
io.k8s.api.networking.v1.IPAddressSpec||parentRef*? @431
io.k8s.api.networking.v1.IPBlock||cidr*! s|except [s
io.k8s.api.networking.v1.Ingress|networking.k8s.io/v1/Ingress|kind s|apiVersion s|metadata @559|spec @421|status @422
io.k8s.api.networking.v1.IngressBackend||service? @420|resource? @356
io.k8s.api.networking.v1.IngressClass|networking.k8s.io/v1/IngressClass|kind s|apiVersion s|metadata @559|spec @414
io.k8s.api.networking.v1.IngressClassList|networking.k8s.io/v1/IngressClassList|kind s|apiVersion s|metadata @557|items*! [@411
io.k8s.api.networking.v1.IngressClassParametersReference||apiGroup? s|kind*! s|name*! s|scope^ s|namespace? s
io.k8s.api.networking.v1.IngressClassSpec||controller s|parameters? @413
io.k8s.api.networking.v1.IngressList|networking.k8s.io/v1/IngressList|kind s|apiVersion s|metadata @557|items*! [@409
io.k8s.api.networking.v1.IngressLoadBalancerIngress||ip s|hostname s|ports [@418
io.k8s.api.networking.v1.IngressLoadBalancerStatus||ingress [@416
io.k8s.api.networking.v1.IngressPortStatus||port*! i|protocol*! s(SCTP,TCP,UDP)|error? s
io.k8s.api.networking.v1.IngressRule||host s|http? @404
io.k8s.api.networking.v1.IngressServiceBackend||name*! s|port @432
io.k8s.api.networking.v1.IngressSpec||ingressClassName? s|defaultBackend? @410|tls [@423|rules [@419
io.k8s.api.networking.v1.IngressStatus||loadBalancer @417
io.k8s.api.networking.v1.IngressTLS||hosts [s|secretName s
io.k8s.api.networking.v1.NetworkPolicy|networking.k8s.io/v1/NetworkPolicy|kind s|apiVersion s|metadata @559|spec @430
io.k8s.api.networking.v1.NetworkPolicyEgressRule||ports [@429|to [@428
io.k8s.api.networking.v1.NetworkPolicyIngressRule||ports [@429|from [@428
io.k8s.api.networking.v1.NetworkPolicyList|networking.k8s.io/v1/NetworkPolicyList|kind s|apiVersion s|metadata @557|items*! [@424
io.k8s.api.networking.v1.NetworkPolicyPeer||podSelector? @555|namespaceSelector? @555|ipBlock? @408
io.k8s.api.networking.v1.NetworkPolicyPort||protocol? s(SCTP,TCP,UDP)|port? x|endPort? i
io.k8s.api.networking.v1.NetworkPolicySpec||podSelector! @555|ingress [@426|egress [@425|policyTypes [s(Egress,Ingress)
io.k8s.api.networking.v1.ParentReference||group s|resource* s|namespace s|name* s
io.k8s.api.networking.v1.ServiceBackendPort!||name s|number i
io.k8s.api.networking.v1.ServiceCIDR|networking.k8s.io/v1/ServiceCIDR|kind s|apiVersion s|metadata @559|spec @435|status @436
io.k8s.api.networking.v1.ServiceCIDRList|networking.k8s.io/v1/ServiceCIDRList|kind s|apiVersion s|metadata @557|items*! [@433
io.k8s.api.networking.v1.ServiceCIDRSpec||cidrs [s
io.k8s.api.networking.v1.ServiceCIDRStatus||conditions [<type>@551~merge:type
io.k8s.api.node.v1.Overhead||podFixed {q
io.k8s.api.node.v1.RuntimeClass|node.k8s.io/v1/RuntimeClass|kind s|apiVersion s|metadata @559|handler*! s|overhead? @437|scheduling? @440
io.k8s.api.node.v1.RuntimeClassList|node.k8s.io/v1/RuntimeClassList|kind s|apiVersion s|metadata @557|items*! [@438
io.k8s.api.node.v1.Scheduling||nodeSelector {!s|tolerations [@352
io.k8s.api.policy.v1.Eviction|policy/v1/Eviction|kind s|apiVersion s|metadata @559|deleteOptions? @552
io.k8s.api.policy.v1.PodDisruptionBudget|policy/v1/PodDisruptionBudget|kind s|apiVersion s|metadata @559|spec @444|status @445
io.k8s.api.policy.v1.PodDisruptionBudgetList|policy/v1/PodDisruptionBudgetList|kind s|apiVersion s|metadata @557|items*! [@442
io.k8s.api.policy.v1.PodDisruptionBudgetSpec||minAvailable? x|selector? @555~replace|maxUnavailable? x|unhealthyPodEvictionPolicy? s(AlwaysAllow,IfHealthyBudget)
io.k8s.api.policy.v1.PodDisruptionBudgetStatus||observedGeneration l|disruptedPods {t|disruptionsAllowed! i|currentHealthy! i|desiredHealthy! i|expectedPods! i|conditions [<type>@551~merge:type
io.k8s.api.rbac.v1.AggregationRule||clusterRoleSelectors [@555
io.k8s.api.rbac.v1.ClusterRole|rbac.authorization.k8s.io/v1/ClusterRole|kind s|apiVersion s|metadata @559|rules! [@451|aggregationRule? @446
io.k8s.api.rbac.v1.ClusterRoleBinding|rbac.authorization.k8s.io/v1/ClusterRoleBinding|kind s|apiVersion s|metadata @559|subjects [@457|roleRef*! @456
io.k8s.api.rbac.v1.ClusterRoleBindingList|rbac.authorization.k8s.io/v1/ClusterRoleBindingList|kind s|apiVersion s|metadata @557|items*! [@448
io.k8s.api.rbac.v1.ClusterRoleList|rbac.authorization.k8s.io/v1/ClusterRoleList|kind s|apiVersion s|metadata @557|items*! [@447
io.k8s.api.rbac.v1.PolicyRule||verbs*! [s|apiGroups [s|resources [s|resourceNames [s|nonResourceURLs [s
io.k8s.api.rbac.v1.Role|rbac.authorization.k8s.io/v1/Role|kind s|apiVersion s|metadata @559|rules! [@451
io.k8s.api.rbac.v1.RoleBinding|rbac.authorization.k8s.io/v1/RoleBinding|kind s|apiVersion s|metadata @559|subjects [@457|roleRef*! @456
io.k8s.api.rbac.v1.RoleBindingList|rbac.authorization.k8s.io/v1/RoleBindingList|kind s|apiVersion s|metadata @557|items*! [@453
io.k8s.api.rbac.v1.RoleList|rbac.authorization.k8s.io/v1/RoleList|kind s|apiVersion s|metadata @557|items*! [@452
io.k8s.api.rbac.v1.RoleRef!||apiGroup! s|kind*! s|name*! s
io.k8s.api.rbac.v1.Subject!||kind*! s|apiGroup s|name*! s|namespace s
io.k8s.api.resource.v1.AllocatedDeviceStatus||driver*! s|pool*! s|device*! s|shareID? s|conditions! [<type>@551|data? w|networkData? @486
io.k8s.api.resource.v1.AllocationResult||devices @468|nodeSelector? @257|allocationTimestamp? t
io.k8s.api.resource.v1.CELDeviceSelector||expression*! s
io.k8s.api.resource.v1.CapacityRequestPolicy||default^ q|validValues [q|validRange? @462
io.k8s.api.resource.v1.CapacityRequestPolicyRange||min*? q|max? q|step? q
io.k8s.api.resource.v1.CapacityRequirements||requests {q
io.k8s.api.resource.v1.Counter||value*! q
io.k8s.api.resource.v1.CounterSet||name*! s|counters* {@464
io.k8s.api.resource.v1.Device||name*! s|attributes {@469|capacity {@470|consumesCounters [@478|nodeName? s|nodeSelector? @257|allNodes? b|taints [@483|bindsToNode? b|bindingConditions [s|bindingFailureConditions [s|allowMultipleAllocations? b|nodeAllocatableResourceMappings {@487
io.k8s.api.resource.v1.DeviceAllocationConfiguration||source*! s(FromClaim,FromClass)|requests [s|opaque? @488
io.k8s.api.resource.v1.DeviceAllocationResult||results [@480|config [@467
io.k8s.api.resource.v1.DeviceAttribute||int? l|bool? b|string? s|version? s|ints [l|bools [b|strings [s|versions [s
io.k8s.api.resource.v1.DeviceCapacity||value*! q|requestPolicy? @461
io.k8s.api.resource.v1.DeviceClaim||requests! [@479|constraints [@477|config [@472
io.k8s.api.resource.v1.DeviceClaimConfiguration||requests [s|opaque? @488
io.k8s.api.resource.v1.DeviceClass|resource.k8s.io/v1/DeviceClass|kind s|apiVersion s|metadata @559|spec*! @476
io.k8s.api.resource.v1.DeviceClassConfiguration||opaque? @488
io.k8s.api.resource.v1.DeviceClassList|resource.k8s.io/v1/DeviceClassList|kind s|apiVersion s|metadata @557|items*! [@473
io.k8s.api.resource.v1.DeviceClassSpec||selectors [@481|config [@474|extendedResourceName? s
io.k8s.api.resource.v1.DeviceConstraint||requests [s|matchAttribute? s|distinctAttribute? s
io.k8s.api.resource.v1.DeviceCounterConsumption||counterSet*! s|counters* {@464
io.k8s.api.resource.v1.DeviceRequest||name*! s|exactly? @485|firstAvailable [@482
io.k8s.api.resource.v1.DeviceRequestAllocationResult||request*! s|driver*! s|pool*! s|device*! s|adminAccess? b|tolerations [@484|bindingConditions [s|bindingFailureConditions [s|shareID? s|consumedCapacity {q
io.k8s.api.resource.v1.DeviceSelector||cel? @460
io.k8s.api.resource.v1.DeviceSubRequest||name*! s|deviceClassName*! s|selectors [@481|allocationMode s(All,ExactCount)|count l|tolerations [@484|capacity? @463
io.k8s.api.resource.v1.DeviceTaint||key*! s|value s|effect*! s(NoExecute,NoSchedule,None)|timeAdded? t
io.k8s.api.resource.v1.DeviceToleration||key s|operator s(Equal,Exists)="Equal"|value s|effect s(NoExecute,NoSchedule,None)|tolerationSeconds? l
io.k8s.api.resource.v1.ExactDeviceRequest||deviceClassName*! s|selectors [@481|allocationMode s(All,ExactCount)|count l|adminAccess? b|tolerations [@484|capacity? @463
io.k8s.api.resource.v1.NetworkDeviceData||interfaceName s|ips [s|hardwareAddress s
io.k8s.api.resource.v1.NodeAllocatableResourceMapping||capacityKey? s|allocationMultiplier? q
io.k8s.api.resource.v1.OpaqueDeviceConfiguration||driver*! s|parameters*! w
io.k8s.api.resource.v1.ResourceClaim|resource.k8s.io/v1/ResourceClaim|kind s|apiVersion s|metadata @559|spec*! @492|status @493
io.k8s.api.resource.v1.ResourceClaimConsumerReference||apiGroup s|resource*! s|name*! s|uid*! s
io.k8s.api.resource.v1.ResourceClaimList|resource.k8s.io/v1/ResourceClaimList|kind s|apiVersion s|metadata @557|items*! [@489
io.k8s.api.resource.v1.ResourceClaimSpec||devices! @471
io.k8s.api.resource.v1.ResourceClaimStatus||allocation? @459|reservedFor [<uid>@490~merge:uid|devices [<driver,device,pool,shareID>@458
io.k8s.api.resource.v1.ResourceClaimTemplate|resource.k8s.io/v1/ResourceClaimTemplate|kind s|apiVersion s|metadata @559|spec*! @496
io.k8s.api.resource.v1.ResourceClaimTemplateList|resource.k8s.io/v1/ResourceClaimTemplateList|kind s|apiVersion s|metadata @557|items*! [@494
io.k8s.api.resource.v1.ResourceClaimTemplateSpec||metadata @559|spec*! @492
io.k8s.api.resource.v1.ResourcePool||name*! s|generation*! l|resourceSliceCount*! l
io.k8s.api.resource.v1.ResourceSlice|resource.k8s.io/v1/ResourceSlice|kind s|apiVersion s|metadata @559|spec*! @500
io.k8s.api.resource.v1.ResourceSliceList|resource.k8s.io/v1/ResourceSliceList|kind s|apiVersion s|metadata @557|items*! [@498
io.k8s.api.resource.v1.ResourceSliceSpec||driver*! s|pool*! @497|nodeName? s|nodeSelector? @257|allNodes? b|devices [@466|perDeviceNodeSelection? b|sharedCounters [@465
io.k8s.api.scheduling.v1.PriorityClass|scheduling.k8s.io/v1/PriorityClass|kind s|apiVersion s|metadata @559|value! i|globalDefault b|description s|preemptionPolicy? s(Never,PreemptLowerPriority)
io.k8s.api.scheduling.v1.PriorityClassList|scheduling.k8s.io/v1/PriorityClassList|kind s|apiVersion s|metadata @557|items*! [@501
io.k8s.api.storage.v1.CSIDriver|storage.k8s.io/v1/CSIDriver|kind s|apiVersion s|metadata @559|spec*! @505
io.k8s.api.storage.v1.CSIDriverList|storage.k8s.io/v1/CSIDriverList|kind s|apiVersion s|metadata @557|items*! [@503
io.k8s.api.storage.v1.CSIDriverSpec||attachRequired? b|podInfoOnMount? b|volumeLifecycleModes [<>s|storageCapacity? b|fsGroupPolicy? s|tokenRequests [@514|requiresRepublish? b|seLinuxMount? b|nodeAllocatableUpdatePeriodSeconds? l|serviceAccountTokenInSecrets? b|preventPodSchedulingIfMissing? b
io.k8s.api.storage.v1.CSINode|storage.k8s.io/v1/CSINode|kind s|apiVersion s|metadata @559|spec*! @509
io.k8s.api.storage.v1.CSINodeDriver||name*! s|nodeID*! s|topologyKeys! [s|allocatable? @523
io.k8s.api.storage.v1.CSINodeList|storage.k8s.io/v1/CSINodeList|kind s|apiVersion s|metadata @557|items*! [@506
io.k8s.api.storage.v1.CSINodeSpec||drivers*! [<name>@507~merge:name
io.k8s.api.storage.v1.CSIStorageCapacity|storage.k8s.io/v1/CSIStorageCapacity|kind s|apiVersion s|metadata @559|nodeTopology? @555|storageClassName*! s|capacity? q|maximumVolumeSize? q
io.k8s.api.storage.v1.CSIStorageCapacityList|storage.k8s.io/v1/CSIStorageCapacityList|kind s|apiVersion s|metadata @557|items*! [@510
io.k8s.api.storage.v1.StorageClass|storage.k8s.io/v1/StorageClass|kind s|apiVersion s|metadata @559|provisioner*! s|parameters {s|reclaimPolicy? s(Delete,Recycle,Retain)|mountOptions [s|allowVolumeExpansion? b|volumeBindingMode? s(Immediate,WaitForFirstConsumer)|allowedTopologies [@354
io.k8s.api.storage.v1.StorageClassList|storage.k8s.io/v1/StorageClassList|kind s|apiVersion s|metadata @557|items*! [@512
io.k8s.api.storage.v1.TokenRequest||audience*! s|expirationSeconds? l
io.k8s.api.storage.v1.VolumeAttachment|storage.k8s.io/v1/VolumeAttachment|kind s|apiVersion s|metadata @559|spec*! @518|status @519
io.k8s.api.storage.v1.VolumeAttachmentList|storage.k8s.io/v1/VolumeAttachmentList|kind s|apiVersion s|metadata @557|items*! [@515
io.k8s.api.storage.v1.VolumeAttachmentSource||persistentVolumeName? s|inlineVolumeSpec? @275
io.k8s.api.storage.v1.VolumeAttachmentSpec||attacher*! s|source*! @517|nodeName*! s
io.k8s.api.storage.v1.VolumeAttachmentStatus||attached*! b|attachmentMetadata {s|attachError? @522|detachError? @522
io.k8s.api.storage.v1.VolumeAttributesClass|storage.k8s.io/v1/VolumeAttributesClass|kind s|apiVersion s|metadata @559|driverName*! s|parameters {s
io.k8s.api.storage.v1.VolumeAttributesClassList|storage.k8s.io/v1/VolumeAttributesClassList|kind s|apiVersion s|metadata @557|items*! [@520
io.k8s.api.storage.v1.VolumeError||time t|message s|errorCode? i
io.k8s.api.storage.v1.VolumeNodeResources||count? i
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition||name*! s|type*! s|format s|description s|priority i|jsonPath*! s
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion||strategy*! s|webhook? @547
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition|apiextensions.k8s.io/v1/CustomResourceDefinition|kind s|apiVersion s|metadata @559|spec*! @530|status @531
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s|observedGeneration l
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionList|apiextensions.k8s.io/v1/CustomResourceDefinitionList|kind s|apiVersion s|metadata @557|items*! [@526
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames||plural*! s|singular s|shortNames [s|kind*! s|listKind s|categories [s
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec||group*! s|names*! @529|scope*! s|versions*! [@532|conversion? @525|preserveUnknownFields b
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus||conditions! [<type>@527|acceptedNames! @529|storedVersions! [s|observedGeneration l
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion||name*! s|served*! b|storage*! b|deprecated b|deprecationWarning? s|schema? @536|subresources? @535|additionalPrinterColumns [@524|selectableFields [@543
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale||specReplicasPath*! s|statusReplicasPath*! s|labelSelectorPath? s
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus||
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources||status? @534|scale? @533
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation||openAPIV3Schema? @539
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation||description s|url s
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON||j
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps||id s|$schema s|$ref? s|description s|type s|format s|title s|default? @538|maximum? n|exclusiveMaximum b|minimum? n|exclusiveMinimum b|maxLength? l|minLength? l|pattern s|maxItems? l|minItems? l|uniqueItems b|multipleOf? n|enum [@538|maxProperties? l|minProperties? l|required [s|items? @540|allOf [@539|oneOf [@539|anyOf [@539|not? @539|properties {@539|additionalProperties? @541|patternProperties {@539|dependencies {@542|additionalItems? @541|definitions {@539|externalDocs? @537|example? @538|nullable b|x-kubernetes-preserve-unknown-fields? b|x-kubernetes-embedded-resource b|x-kubernetes-int-or-string b|x-kubernetes-list-map-keys [s|x-kubernetes-list-type? s|x-kubernetes-map-type? s|x-kubernetes-validations [<rule>@545~merge:rule
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray||j
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool||j
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray||j
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField||jsonPath*! s
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference||namespace*! s|name*! s|path? s|port? i
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule||rule*! s|message s|messageExpression s|reason? s(FieldValueDuplicate,FieldValueForbidden,FieldValueInvalid,FieldValueRequired)|fieldPath s|optionalOldSelf? b
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig||url? s|service? @544|caBundle y
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion||clientConfig? @546|conversionReviewVersions*! [s
io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup|/v1/APIGroup|kind s|apiVersion s|name*! s|versions*! [@554|preferredVersion @554|serverAddressByClientCIDRs [@563
io.k8s.apimachinery.pkg.apis.meta.v1.APIResource||name*! s|singularName*! s|namespaced*! b|group s|version s|kind*! s|verbs*! [s|shortNames [s|categories [s|storageVersionHash s
io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList|/v1/APIResourceList|kind s|apiVersion s|groupVersion*! s|resources*! [@549
io.k8s.apimachinery.pkg.apis.meta.v1.Condition||type*! s|status*! s|observedGeneration l|lastTransitionTime*! t|reason*! s|message*! s
io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions||kind s|apiVersion s|gracePeriodSeconds? l|preconditions? @562|orphanDependents? b|propagationPolicy? s|dryRun [s|ignoreStoreReadErrorWithClusterBreakingPotential? b
io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement||key*! s|operator*! s|values [s
io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery||groupVersion*! s|version*! s
io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector!||matchLabels {s|matchExpressions [@556
io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement||key*! s|operator*! s|values [s
io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta||selfLink s|resourceVersion s|continue s|remainingItemCount? l|shardInfo? @564
io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry||manager s|operation s|apiVersion s|time? t|fieldsType s|fieldsV1? o|subresource s
io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta||name s|generateName s|namespace s|selfLink s|uid s|resourceVersion s|generation l|creationTimestamp0 t|deletionTimestamp? t|deletionGracePeriodSeconds? l|labels {s|annotations {s|ownerReferences [<uid>@560~merge:uid|finalizers [<>s~merge|managedFields [@558
io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference!||apiVersion*! s|kind*! s|name*! s|uid*! s|controller? b|blockOwnerDeletion? b
io.k8s.apimachinery.pkg.apis.meta.v1.Patch||
io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions||uid? s|resourceVersion? s
io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR||clientCIDR*! s|serverAddress*! s
io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo||selector*! s
io.k8s.apimachinery.pkg.apis.meta.v1.Status|/v1/Status|kind s|apiVersion s|metadata @557|status s|message s|reason s|details? @567|code i
io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause||reason s|message s|field s
io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails||name s|group s|kind s|uid s|causes [@566|retryAfterSeconds i
io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent||object*! w|type*! s
io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService|apiregistration.k8s.io/v1/APIService|kind s|apiVersion s|metadata @559|spec @572|status @573
io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition||type*! s|status*! s|lastTransitionTime t|reason s|message s
io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceList|apiregistration.k8s.io/v1/APIServiceList|kind s|apiVersion s|metadata @557|items*! [@569
io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec||service? @574|group s|version s|insecureSkipTLSVerify b|caBundle y|groupPriorityMinimum*! i|versionPriority*! i
io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus||conditions [<type>@570~merge:type
io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference||namespace s|name s|port? i
`
export const goLines: string = `
io.k8s.api.admissionregistration.v1.MatchResources|matchPolicy::v1.MatchPolicyType
io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec|failurePolicy::v1.FailurePolicyType|reinvocationPolicy::v1.ReinvocationPolicyType
io.k8s.api.admissionregistration.v1.MutatingWebhook|failurePolicy::v1.FailurePolicyType|matchPolicy::v1.MatchPolicyType|sideEffects::v1.SideEffectClass|reinvocationPolicy::v1.ReinvocationPolicyType
io.k8s.api.admissionregistration.v1.Mutation|patchType::v1.PatchType
io.k8s.api.admissionregistration.v1.NamedRuleWithOperations|operations:RuleWithOperations:[]v1.OperationType|apiGroups:RuleWithOperations.Rule:|apiVersions:RuleWithOperations.Rule:|resources:RuleWithOperations.Rule:|scope:RuleWithOperations.Rule:v1.ScopeType
io.k8s.api.admissionregistration.v1.ParamRef|parameterNotFoundAction::v1.ParameterNotFoundActionType
io.k8s.api.admissionregistration.v1.RuleWithOperations|operations::[]v1.OperationType|apiGroups:Rule:|apiVersions:Rule:|resources:Rule:|scope:Rule:v1.ScopeType
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec|validationActions::[]v1.ValidationAction
io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec|failurePolicy::v1.FailurePolicyType
io.k8s.api.admissionregistration.v1.ValidatingWebhook|failurePolicy::v1.FailurePolicyType|matchPolicy::v1.MatchPolicyType|sideEffects::v1.SideEffectClass
io.k8s.api.admissionregistration.v1.Validation|reason::v1.StatusReason
io.k8s.api.apps.v1.DaemonSetCondition|type::v1.DaemonSetConditionType|status::v1.ConditionStatus
io.k8s.api.apps.v1.DaemonSetUpdateStrategy|type::v1.DaemonSetUpdateStrategyType
io.k8s.api.apps.v1.DeploymentCondition|type::v1.DeploymentConditionType|status::v1.ConditionStatus
io.k8s.api.apps.v1.DeploymentStrategy|type::v1.DeploymentStrategyType
io.k8s.api.apps.v1.ReplicaSetCondition|type::v1.ReplicaSetConditionType|status::v1.ConditionStatus
io.k8s.api.apps.v1.StatefulSetCondition|type::v1.StatefulSetConditionType|status::v1.ConditionStatus
io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy|whenDeleted::v1.PersistentVolumeClaimRetentionPolicyType|whenScaled::v1.PersistentVolumeClaimRetentionPolicyType
io.k8s.api.apps.v1.StatefulSetSpec|podManagementPolicy::v1.PodManagementPolicyType
io.k8s.api.apps.v1.StatefulSetUpdateStrategy|type::v1.StatefulSetUpdateStrategyType
io.k8s.api.authentication.v1.BoundObjectReference|uid::types.UID
io.k8s.api.authentication.v1.UserInfo|extra::map[string]v1.ExtraValue
io.k8s.api.authorization.v1.SubjectAccessReviewSpec|extra::map[string]v1.ExtraValue
io.k8s.api.autoscaling.v2.ContainerResourceMetricSource|name::v1.ResourceName
io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus|name::v1.ResourceName
io.k8s.api.autoscaling.v2.HPAScalingPolicy|type::v2.HPAScalingPolicyType
io.k8s.api.autoscaling.v2.HPAScalingRules|selectPolicy::v2.ScalingPolicySelect
io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition|type::v2.HorizontalPodAutoscalerConditionType|status::v1.ConditionStatus
io.k8s.api.autoscaling.v2.MetricSpec|type::v2.MetricSourceType
io.k8s.api.autoscaling.v2.MetricStatus|type::v2.MetricSourceType
io.k8s.api.autoscaling.v2.MetricTarget|type::v2.MetricTargetType
io.k8s.api.autoscaling.v2.ResourceMetricSource|name::v1.ResourceName
io.k8s.api.autoscaling.v2.ResourceMetricStatus|name::v1.ResourceName
io.k8s.api.batch.v1.CronJobSpec|concurrencyPolicy::v1.ConcurrencyPolicy
io.k8s.api.batch.v1.JobCondition|type::v1.JobConditionType|status::v1.ConditionStatus
io.k8s.api.batch.v1.JobSpec|completionMode::v1.CompletionMode|podReplacementPolicy::v1.PodReplacementPolicy
io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement|operator::v1.PodFailurePolicyOnExitCodesOperator
io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern|type::v1.PodConditionType|status::v1.ConditionStatus
io.k8s.api.batch.v1.PodFailurePolicyRule|action::v1.PodFailurePolicyAction
io.k8s.api.batch.v1.UncountedTerminatedPods|succeeded::[]types.UID|failed::[]types.UID
io.k8s.api.certificates.v1.CertificateSigningRequestCondition|type::v1.RequestConditionType|status::v1.ConditionStatus
io.k8s.api.certificates.v1.CertificateSigningRequestSpec|usages::[]v1.KeyUsage|extra::map[string]v1.ExtraValue
io.k8s.api.coordination.v1.LeaseSpec|strategy::v1.CoordinatedLeaseStrategy
io.k8s.api.core.v1.AppArmorProfile|type::v1.AppArmorProfileType
io.k8s.api.core.v1.AttachedVolume|name::v1.UniqueVolumeName
io.k8s.api.core.v1.AzureDiskVolumeSource|cachingMode::v1.AzureDataDiskCachingMode|kind::v1.AzureDataDiskKind
io.k8s.api.core.v1.Capabilities|add::[]v1.Capability|drop::[]v1.Capability
io.k8s.api.core.v1.ComponentCondition|type::v1.ComponentConditionType|status::v1.ConditionStatus
io.k8s.api.core.v1.ConfigMapEnvSource|name:LocalObjectReference:
io.k8s.api.core.v1.ConfigMapKeySelector|name:LocalObjectReference:
io.k8s.api.core.v1.ConfigMapNodeConfigSource|uid::types.UID
io.k8s.api.core.v1.ConfigMapProjection|name:LocalObjectReference:
io.k8s.api.core.v1.ConfigMapVolumeSource|name:LocalObjectReference:
io.k8s.api.core.v1.Container|restartPolicy::v1.ContainerRestartPolicy|terminationMessagePolicy::v1.TerminationMessagePolicy|imagePullPolicy::v1.PullPolicy
io.k8s.api.core.v1.ContainerPort|protocol::v1.Protocol
io.k8s.api.core.v1.ContainerResizePolicy|resourceName::v1.ResourceName|restartPolicy::v1.ResourceResizeRestartPolicy
io.k8s.api.core.v1.ContainerRestartRule|action::v1.ContainerRestartRuleAction
io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes|operator::v1.ContainerRestartRuleOnExitCodesOperator
io.k8s.api.core.v1.ContainerStatus|allocatedResources::v1.ResourceList|stopSignal::v1.Signal
io.k8s.api.core.v1.EmptyDirVolumeSource|medium::v1.StorageMedium
io.k8s.api.core.v1.EndpointPort|protocol::v1.Protocol
io.k8s.api.core.v1.EphemeralContainer|name:EphemeralContainerCommon:|image:EphemeralContainerCommon:|command:EphemeralContainerCommon:|args:EphemeralContainerCommon:|workingDir:EphemeralContainerCommon:|ports:EphemeralContainerCommon:|envFrom:EphemeralContainerCommon:|env:EphemeralContainerCommon:|resources:EphemeralContainerCommon:|resizePolicy:EphemeralContainerCommon:|restartPolicy:EphemeralContainerCommon:v1.ContainerRestartPolicy|restartPolicyRules:EphemeralContainerCommon:|volumeMounts:EphemeralContainerCommon:|volumeDevices:EphemeralContainerCommon:|livenessProbe:EphemeralContainerCommon:|readinessProbe:EphemeralContainerCommon:|startupProbe:EphemeralContainerCommon:|lifecycle:EphemeralContainerCommon:|terminationMessagePath:EphemeralContainerCommon:|terminationMessagePolicy:EphemeralContainerCommon:v1.TerminationMessagePolicy|imagePullPolicy:EphemeralContainerCommon:v1.PullPolicy|securityContext:EphemeralContainerCommon:|stdin:EphemeralContainerCommon:|stdinOnce:EphemeralContainerCommon:|tty:EphemeralContainerCommon:
io.k8s.api.core.v1.HTTPGetAction|scheme::v1.URIScheme
io.k8s.api.core.v1.HostPathVolumeSource|type::v1.HostPathType
io.k8s.api.core.v1.ImageVolumeSource|pullPolicy::v1.PullPolicy
io.k8s.api.core.v1.Lifecycle|stopSignal::v1.Signal
io.k8s.api.core.v1.LimitRangeItem|type::v1.LimitType|max::v1.ResourceList|min::v1.ResourceList|default::v1.ResourceList|defaultRequest::v1.ResourceList|maxLimitRequestRatio::v1.ResourceList
io.k8s.api.core.v1.LoadBalancerIngress|ipMode::v1.LoadBalancerIPMode
io.k8s.api.core.v1.ModifyVolumeStatus|status::v1.PersistentVolumeClaimModifyVolumeStatus
io.k8s.api.core.v1.NamespaceCondition|type::v1.NamespaceConditionType|status::v1.ConditionStatus
io.k8s.api.core.v1.NamespaceSpec|finalizers::[]v1.FinalizerName
io.k8s.api.core.v1.NamespaceStatus|phase::v1.NamespacePhase
io.k8s.api.core.v1.NodeAddress|type::v1.NodeAddressType
io.k8s.api.core.v1.NodeCondition|type::v1.NodeConditionType|status::v1.ConditionStatus
io.k8s.api.core.v1.NodeSelectorRequirement|operator::v1.NodeSelectorOperator
io.k8s.api.core.v1.NodeStatus|capacity::v1.ResourceList|allocatable::v1.ResourceList|phase::v1.NodePhase|volumesInUse::[]v1.UniqueVolumeName
io.k8s.api.core.v1.ObjectReference|uid::types.UID
io.k8s.api.core.v1.PersistentVolumeClaimCondition|type::v1.PersistentVolumeClaimConditionType|status::v1.ConditionStatus
io.k8s.api.core.v1.PersistentVolumeClaimSpec|accessModes::[]v1.PersistentVolumeAccessMode|volumeMode::v1.PersistentVolumeMode
io.k8s.api.core.v1.PersistentVolumeClaimStatus|phase::v1.PersistentVolumeClaimPhase|accessModes::[]v1.PersistentVolumeAccessMode|capacity::v1.ResourceList|allocatedResources::v1.ResourceList|allocatedResourceStatuses::map[ResourceName]v1.ClaimResourceStatus
io.k8s.api.core.v1.PersistentVolumeSpec|capacity::v1.ResourceList|gcePersistentDisk:PersistentVolumeSource:|awsElasticBlockStore:PersistentVolumeSource:|hostPath:PersistentVolumeSource:|glusterfs:PersistentVolumeSource:|nfs:PersistentVolumeSource:|rbd:PersistentVolumeSource:|iscsi:PersistentVolumeSource:|cinder:PersistentVolumeSource:|cephfs:PersistentVolumeSource:|fc:PersistentVolumeSource:|flocker:PersistentVolumeSource:|flexVolume:PersistentVolumeSource:|azureFile:PersistentVolumeSource:|vsphereVolume:PersistentVolumeSource:|quobyte:PersistentVolumeSource:|azureDisk:PersistentVolumeSource:|photonPersistentDisk:PersistentVolumeSource:|portworxVolume:PersistentVolumeSource:|scaleIO:PersistentVolumeSource:|local:PersistentVolumeSource:|storageos:PersistentVolumeSource:|csi:PersistentVolumeSource:|accessModes::[]v1.PersistentVolumeAccessMode|persistentVolumeReclaimPolicy::v1.PersistentVolumeReclaimPolicy|volumeMode::v1.PersistentVolumeMode
io.k8s.api.core.v1.PersistentVolumeStatus|phase::v1.PersistentVolumePhase
io.k8s.api.core.v1.PodCondition|type::v1.PodConditionType|status::v1.ConditionStatus
io.k8s.api.core.v1.PodOS|name::v1.OSName
io.k8s.api.core.v1.PodReadinessGate|conditionType::v1.PodConditionType
io.k8s.api.core.v1.PodSecurityContext|supplementalGroupsPolicy::v1.SupplementalGroupsPolicy|fsGroupChangePolicy::v1.PodFSGroupChangePolicy|seLinuxChangePolicy::v1.PodSELinuxChangePolicy
io.k8s.api.core.v1.PodSpec|restartPolicy::v1.RestartPolicy|dnsPolicy::v1.DNSPolicy|preemptionPolicy::v1.PreemptionPolicy|overhead::v1.ResourceList
io.k8s.api.core.v1.PodStatus|phase::v1.PodPhase|qosClass::v1.PodQOSClass|resize::v1.PodResizeStatus|allocatedResources::v1.ResourceList
io.k8s.api.core.v1.PortStatus|protocol::v1.Protocol
io.k8s.api.core.v1.Probe|exec:ProbeHandler:|httpGet:ProbeHandler:|tcpSocket:ProbeHandler:|grpc:ProbeHandler:
io.k8s.api.core.v1.ReplicationControllerCondition|type::v1.ReplicationControllerConditionType|status::v1.ConditionStatus
io.k8s.api.core.v1.ResourceHealth|resourceID::v1.ResourceID|health::v1.ResourceHealthStatus
io.k8s.api.core.v1.ResourceQuotaSpec|hard::v1.ResourceList|scopes::[]v1.ResourceQuotaScope
io.k8s.api.core.v1.ResourceQuotaStatus|hard::v1.ResourceList|used::v1.ResourceList
io.k8s.api.core.v1.ResourceRequirements|limits::v1.ResourceList|requests::v1.ResourceList
io.k8s.api.core.v1.ResourceStatus|name::v1.ResourceName
io.k8s.api.core.v1.ScopedResourceSelectorRequirement|scopeName::v1.ResourceQuotaScope|operator::v1.ScopeSelectorOperator
io.k8s.api.core.v1.SeccompProfile|type::v1.SeccompProfileType
io.k8s.api.core.v1.Secret|type::v1.SecretType
io.k8s.api.core.v1.SecretEnvSource|name:LocalObjectReference:
io.k8s.api.core.v1.SecretKeySelector|name:LocalObjectReference:
io.k8s.api.core.v1.SecretProjection|name:LocalObjectReference:
io.k8s.api.core.v1.SecurityContext|procMount::v1.ProcMountType
io.k8s.api.core.v1.ServicePort|protocol::v1.Protocol
io.k8s.api.core.v1.ServiceSpec|type::v1.ServiceType|sessionAffinity::v1.ServiceAffinity|externalTrafficPolicy::v1.ServiceExternalTrafficPolicy|ipFamilies::[]v1.IPFamily|ipFamilyPolicy::v1.IPFamilyPolicy|internalTrafficPolicy::v1.ServiceInternalTrafficPolicy
io.k8s.api.core.v1.Taint|effect::v1.TaintEffect
io.k8s.api.core.v1.Toleration|operator::v1.TolerationOperator|effect::v1.TaintEffect
io.k8s.api.core.v1.TopologySpreadConstraint|whenUnsatisfiable::v1.UnsatisfiableConstraintAction|nodeAffinityPolicy::v1.NodeInclusionPolicy|nodeTaintsPolicy::v1.NodeInclusionPolicy
io.k8s.api.core.v1.Volume|hostPath:VolumeSource:|emptyDir:VolumeSource:|gcePersistentDisk:VolumeSource:|awsElasticBlockStore:VolumeSource:|gitRepo:VolumeSource:|secret:VolumeSource:|nfs:VolumeSource:|iscsi:VolumeSource:|glusterfs:VolumeSource:|persistentVolumeClaim:VolumeSource:|rbd:VolumeSource:|flexVolume:VolumeSource:|cinder:VolumeSource:|cephfs:VolumeSource:|flocker:VolumeSource:|downwardAPI:VolumeSource:|fc:VolumeSource:|azureFile:VolumeSource:|configMap:VolumeSource:|vsphereVolume:VolumeSource:|quobyte:VolumeSource:|azureDisk:VolumeSource:|photonPersistentDisk:VolumeSource:|projected:VolumeSource:|portworxVolume:VolumeSource:|scaleIO:VolumeSource:|storageos:VolumeSource:|csi:VolumeSource:|ephemeral:VolumeSource:|image:VolumeSource:
io.k8s.api.core.v1.VolumeMount|recursiveReadOnly::v1.RecursiveReadOnlyMode|mountPropagation::v1.MountPropagationMode
io.k8s.api.core.v1.VolumeMountStatus|recursiveReadOnly::v1.RecursiveReadOnlyMode
io.k8s.api.core.v1.VolumeResourceRequirements|limits::v1.ResourceList|requests::v1.ResourceList
io.k8s.api.discovery.v1.EndpointPort|protocol::v1.Protocol
io.k8s.api.discovery.v1.EndpointSlice|addressType::v1.AddressType
io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod|type::v1.FlowDistinguisherMethodType
io.k8s.api.flowcontrol.v1.FlowSchemaCondition|type::v1.FlowSchemaConditionType|status::v1.ConditionStatus
io.k8s.api.flowcontrol.v1.LimitResponse|type::v1.LimitResponseType
io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition|type::v1.PriorityLevelConfigurationConditionType|status::v1.ConditionStatus
io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec|type::v1.PriorityLevelEnablement
io.k8s.api.flowcontrol.v1.Subject|kind::v1.SubjectKind
io.k8s.api.networking.v1.HTTPIngressPath|pathType::v1.PathType
io.k8s.api.networking.v1.IngressPortStatus|protocol::v1.Protocol
io.k8s.api.networking.v1.IngressRule|http:IngressRuleValue:
io.k8s.api.networking.v1.NetworkPolicyPort|protocol::v1.Protocol
io.k8s.api.networking.v1.NetworkPolicySpec|policyTypes::[]v1.PolicyType
io.k8s.api.node.v1.Overhead|podFixed::v1.ResourceList
io.k8s.api.policy.v1.PodDisruptionBudgetSpec|unhealthyPodEvictionPolicy::v1.UnhealthyPodEvictionPolicyType
io.k8s.api.resource.v1.Device|nodeAllocatableResourceMappings::map[v1.ResourceName]v1.NodeAllocatableResourceMapping
io.k8s.api.resource.v1.DeviceAllocationConfiguration|source::v1.AllocationConfigSource|opaque:DeviceConfiguration:
io.k8s.api.resource.v1.DeviceClaimConfiguration|opaque:DeviceConfiguration:
io.k8s.api.resource.v1.DeviceClassConfiguration|opaque:DeviceConfiguration:
io.k8s.api.resource.v1.DeviceConstraint|matchAttribute::v1.FullyQualifiedName|distinctAttribute::v1.FullyQualifiedName
io.k8s.api.resource.v1.DeviceRequestAllocationResult|shareID::types.UID
io.k8s.api.resource.v1.DeviceSubRequest|allocationMode::v1.DeviceAllocationMode
io.k8s.api.resource.v1.DeviceTaint|effect::v1.DeviceTaintEffect
io.k8s.api.resource.v1.DeviceToleration|operator::v1.DeviceTolerationOperator|effect::v1.DeviceTaintEffect
io.k8s.api.resource.v1.ExactDeviceRequest|allocationMode::v1.DeviceAllocationMode
io.k8s.api.resource.v1.NodeAllocatableResourceMapping|capacityKey::v1.QualifiedName
io.k8s.api.resource.v1.ResourceClaimConsumerReference|uid::types.UID
io.k8s.api.scheduling.v1.PriorityClass|preemptionPolicy::v1.PreemptionPolicy
io.k8s.api.storage.v1.CSIDriverSpec|volumeLifecycleModes::[]v1.VolumeLifecycleMode|fsGroupPolicy::v1.FSGroupPolicy
io.k8s.api.storage.v1.StorageClass|reclaimPolicy::v1.PersistentVolumeReclaimPolicy|volumeBindingMode::v1.VolumeBindingMode
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion|strategy::v1.ConversionStrategyType
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition|type::v1.CustomResourceDefinitionConditionType|status::v1.ConditionStatus
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec|scope::v1.ResourceScope
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps|$schema::v1.JSONSchemaURL|dependencies::v1.JSONSchemaDependencies|definitions::v1.JSONSchemaDefinitions|x-kubernetes-validations::v1.ValidationRules
io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule|reason::v1.FieldValueErrorReason
io.k8s.apimachinery.pkg.apis.meta.v1.APIResource|verbs::v1.Verbs
io.k8s.apimachinery.pkg.apis.meta.v1.Condition|status::v1.ConditionStatus
io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions|propagationPolicy::v1.DeletionPropagation
io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement|operator::v1.FieldSelectorOperator
io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement|operator::v1.LabelSelectorOperator
io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry|operation::v1.ManagedFieldsOperationType
io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta|uid::types.UID
io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference|uid::types.UID
io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions|uid::types.UID
io.k8s.apimachinery.pkg.apis.meta.v1.Status|reason::v1.StatusReason
io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause|reason::v1.CauseType
io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails|uid::types.UID
io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition|type::v1.APIServiceConditionType|status::v1.ConditionStatus
`

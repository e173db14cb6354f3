import { current, type Rule } from '../status.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'
import { daemonSet } from './daemon-set.ts'
import { deployment } from './deployment.ts'
import { job } from './job.ts'
import { persistentVolumeClaim } from './persistent-volume-claim.ts'
import { pod } from './pod.ts'
import { replicaSet } from './replica-set.ts'
import { service } from './service.ts'
import { statefulSet } from './stateful-set.ts'

const always: Rule = () => current('Resource is always ready')

/** The rules of the built-in kinds, by `group/Kind` (`/Kind` in the core group). */
export const BUILT_IN: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['/Secret', always],
  ['/ConfigMap', always],
  ['batch/CronJob', always],
  ['policy/PodDisruptionBudget', () => current('AllowedDisruptions has been computed.')],
  ['/Service', service],
  ['/Pod', pod],
  ['/PersistentVolumeClaim', persistentVolumeClaim],
  ['apps/Deployment', deployment],
  ['apps/StatefulSet', statefulSet],
  ['apps/DaemonSet', daemonSet],
  ['apps/ReplicaSet', replicaSet],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinition],
])

/** The one kind whose rule comes before the generic ones. */
export const JOB: Rule = job

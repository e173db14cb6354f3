import { fieldAt } from '../../object/index.ts'
import { conditionsOf, current, failed, inProgress, intAt, type Rule, textAt } from '../status.ts'

/**
 * Health of a Job: a running one is not there yet (kstatus alone would call it Current). The
 * generic rules do not come first here, so that a Job on its way out still tells how it ended.
 * @see fluxcd/pkg runtime v0.110.1 statusreaders/job.go
 */
export const job: Rule = (object) => {
  if (fieldAt(object, 'spec', 'suspend') === true) return current('Job is suspended')
  const parallelism = intAt(object, ['spec', 'parallelism'], 1)
  const completions = intAt(object, ['spec', 'completions'], parallelism)
  const count = (field: string): number => intAt(object, ['status', field], 0)
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue
    if (condition.type === 'Complete')
      return current(`Job Completed. succeeded: ${count('succeeded')}/${completions}`)
    if (condition.type === 'Failed')
      return failed(`Job Failed. failed: ${count('failed')}/${completions}`)
  }
  if (textAt(object, ['status', 'startTime'], '') === '')
    return inProgress(`Job not started. active: 0/${parallelism}`)
  const [succeeded, active, bad] = [count('succeeded'), count('active'), count('failed')]
  return inProgress(`Job in progress. success:${succeeded}, active: ${active}, failed: ${bad}`)
}

/** Steps of glob matching that are left. */
export interface Budget {
  steps: number
}

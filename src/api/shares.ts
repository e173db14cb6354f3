/**
 * How the work is divided among replicas. An id is `Kind/namespace/name` of a source or Kustomization.
 */
export interface Shares {
  /** Says whether this process may begin work on an object now. */
  owns(id: string): boolean
  /** Lets somebody who works on objects take part; the returned function ends that. */
  follow(follower: ShareFollower): () => void
}

/** Somebody who works on a share of the objects. */
export interface ShareFollower {
  /**
   * Begins nothing any more that is not kept, and resolves when no run of it is left: only then may
   * another replica begin it.
   */
  stop(keeps: (id: string) => boolean): Promise<void>
  /**
   * Resolves when everything that other replicas have written up to now is known here: what they
   * recorded of an object must not be overlooked by its next owner.
   */
  catchUp(): Promise<void>
  /** Begins what has become this replica's own. */
  begin(isNew: (id: string) => boolean): void
}

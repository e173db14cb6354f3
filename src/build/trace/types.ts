import type { Resource } from '../model/resource.ts'

/** One thing that made a field what it is. */
export interface Change {
  /**
   * The field of the kustomization that did it (`resources`, `patches`, `images`, `namePrefix` …), or
   * what kustomize does at the end (`nameReference`, `hash`, `vars`).
   */
  readonly step: string
  /** Path in the tree of the file that says so; `''` for an edit from outside of the tree. */
  readonly file: string
  /** 1-based; absent where it is not known. */
  readonly line?: number
  /** Directories of the kustomizations, from the outermost to the one that did it. */
  readonly layers: readonly string[]
}

/** A step of a build, as those who follow it see it. */
export interface TraceStep {
  readonly step: string
  /** Which of a list. */
  readonly index?: number
  /** A file that the step is written in, where it is not the kustomization file itself. */
  readonly file?: string
}

/** Where a step belongs. */
export interface TraceLayer {
  /** Directory of the kustomization. */
  readonly root: string
  /** Name of its file. */
  readonly fileName: string
  chain(): string[]
}

/** Told of each step of a build, so that it can be said who wrote what. */
export interface Tracer {
  /** Resources were read from a file. */
  read(resources: readonly Resource[], layer: TraceLayer): void
  /** A step may have changed anything in these resources; what they replaced was there before. */
  after(resources: Iterable<Resource>, step: TraceStep, layer: TraceLayer): void
  /** The build is done; these are its resources in their order. */
  done(resources: readonly Resource[]): void
}

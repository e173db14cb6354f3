const REFERENCE =
  /^(?<name>(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,}))?$/

/**
 * The tag of an image, `latest` when it names neither tag nor digest; `''` with a digest alone, and
 * for what is no image.
 * @see k8s.io/kubernetes pkg/util/parsers/parsers.go (v1.36.3)
 */
export function imageTag(image: string): string {
  const groups = REFERENCE.exec(image)?.groups
  if (groups === undefined) return ''
  return groups['tag'] ?? (groups['digest'] === undefined ? 'latest' : '')
}

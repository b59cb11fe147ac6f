/** An address of a provider: path segments and parameters are escaped here, and nowhere else. */
export function urlOf(baseUrl: string, segments: string[], parameters: [name: string, value: string | undefined][] = [], ending = ""): string {
  const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
  const query = new URLSearchParams(parameters.filter((pair): pair is [string, string] => pair[1] !== undefined)).toString();
  return `${baseUrl}${path}${ending}${query === "" ? "" : `?${query}`}`;
}

/** What the built page may do. Nothing is inline, and nothing but its own origin and the edge worker can be reached. */
export function contentSecurityPolicy(edge: string): string {
  const reachable = edge === "" ? "'self'" : `'self' ${new URL(edge).origin}`;
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    `connect-src ${reachable}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The headers every file is to be served with. A worker takes its policy from its own response, not from the page. */
export function headers(edge: string): Record<string, string> {
  return {
    "Content-Security-Policy": `${contentSecurityPolicy(edge)}; frame-ancestors 'none'`,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
}

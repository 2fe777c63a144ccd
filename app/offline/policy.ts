import type { Plugin } from "vite";

/**
 * What the built page may do, whatever a file or a link makes it try: no script but its own (WebAssembly among them), no
 * frames, no forms, no plug-ins. Styles of its own; React and d3 set single properties, which needs no permission. It may
 * read over https whatever address a person gives, and over http from this machine, where people serve their own files.
 */
const policy: Record<string, string[]> = {
  "default-src": ["'none'"],
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "style-src": ["'self'"],
  // Charts become pictures by way of data and blob addresses.
  "img-src": ["'self'", "data:", "blob:"],
  "connect-src": ["'self'", "https:", "http://localhost:*", "http://127.0.0.1:*"],
  "worker-src": ["'self'"],
  "manifest-src": ["'self'"],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
};

/** Puts the Content-Security-Policy into the page's head, before anything it is about. The dev server needs more. */
export function securityPolicy(): Plugin {
  const content = Object.entries(policy)
    .map(([name, values]) => [name, ...values].join(" "))
    .join("; ");
  return {
    name: "quantscope-policy",
    apply: "build",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content }, injectTo: "head-prepend" },
    ],
  };
}

/** The report as a file that stands alone: it asks no server for anything and runs no script. */
import { printable } from "../../../../../kernels/text/printable.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text inside an element or a quoted attribute, whatever a file named itself. */
export const escaped = (text: string): string => printable(text).replace(/[&<>"']/g, (c) => ENTITIES[c]);

/** Even if somebody managed to put a script or an address in, a reader's browser would not follow it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * @param sheet the drawn report as HTML, as the browser wrote it: names in it are escaped
 * @param style the rules of `report.css`
 */
export const reportFile = (title: string, sheet: string, style: string): string =>
  [
    "<!doctype html>",
    '<html lang="en">',
    '<head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light">',
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style></head>`,
    `<body>${sheet}</body>`,
    "</html>",
    "",
  ].join("\n");

/** A chart on the page as one SVG that stands alone: styles and colours inlined, canvases as images, the recipe inside. */
import { printable } from "../../kernels/text/printable.ts";

/** What is drawn depends on these, with the values they have where nobody sets them; the rest of a style is the page's business. */
const STYLES: Readonly<Record<string, string>> = {
  fill: "rgb(0, 0, 0)",
  "fill-opacity": "1",
  stroke: "none",
  "stroke-width": "1px",
  "stroke-opacity": "1",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  opacity: "1",
  "font-family": "",
  "font-size": "",
  "font-weight": "400",
  "text-anchor": "start",
  "dominant-baseline": "auto",
  visibility: "visible",
  display: "inline",
  "paint-order": "normal",
};
const NOT_INHERITED = new Set(["opacity", "display"]);

const SVG = "http://www.w3.org/2000/svg";

/** Puts the styles in force in place of attributes and classes that need the page, each only where it changes. */
function inlineStyles(source: Element, copy: SVGElement, outer: CSSStyleDeclaration | null): void {
  const style = getComputedStyle(source);
  for (const [name, initial] of Object.entries(STYLES)) {
    copy.removeAttribute(name);
    const value = style.getPropertyValue(name);
    const before = outer && !NOT_INHERITED.has(name) ? outer.getPropertyValue(name) : initial;
    // Browsers say block of texts and nested drawings: only what is not drawn matters.
    if (name === "display" ? value === "none" : value !== before) copy.setAttribute(name, value);
  }
  copy.removeAttribute("class");
  // A strict page that the drawing is put into refuses inline styles; attributes it takes.
  copy.removeAttribute("style");
  for (const [i, child] of [...source.children].entries()) inlineStyles(child, copy.children[i] as SVGElement, style);
}

function element(name: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

function place(node: Element, origin: DOMRect, top: number): SVGElement | null {
  const box = node.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) return null;
  const frame = { x: box.left - origin.left, y: box.top - origin.top + top, width: box.width, height: box.height };
  if (node instanceof HTMLCanvasElement) {
    return element("image", { ...frame, href: node.toDataURL("image/png"), preserveAspectRatio: "none" });
  }
  const copy = node.cloneNode(true) as SVGElement;
  inlineStyles(node, copy, null);
  for (const [key, value] of Object.entries(frame)) copy.setAttribute(key, String(value));
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
  return copy;
}

export interface Caption {
  title: string;
  /** Lines under the title: tensor, recipes. */
  lines: string[];
  /** Kept in the file's metadata. */
  link: string;
}

export interface Picture {
  svg: string;
  width: number;
  height: number;
}

const LINE = 16;

/** Draws the figure with its caption above. Null where it has nothing drawn. */
export function pictureOf(figure: HTMLElement, caption: Caption): Picture | null {
  const drawings = [...figure.querySelectorAll("svg, canvas")].filter(
    (node) => node.parentElement?.closest("svg, button") === null,
  );
  const boxes = drawings.map((d) => d.getBoundingClientRect()).filter((b) => b.width > 0 && b.height > 0);
  if (boxes.length === 0) return null;
  const left = Math.min(...boxes.map((b) => b.left));
  const top = Math.min(...boxes.map((b) => b.top));
  const width = Math.max(...boxes.map((b) => b.right)) - left;
  const head = 12 + LINE * (1 + caption.lines.length);
  const height = Math.max(...boxes.map((b) => b.bottom)) - top + head;
  const theme = getComputedStyle(document.documentElement);
  const colour = (name: string) => theme.getPropertyValue(name).trim();

  const root = element("svg", { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  root.append(
    element("title", {}, caption.title),
    element("metadata", {}, JSON.stringify({ ...caption, program: "Quantscope" })),
    element("rect", { width, height, fill: colour("--panel") }),
  );
  for (const [i, line] of [caption.title, ...caption.lines].map(printable).entries()) {
    const weight = i === 0 ? 600 : 400;
    const font = i === 0 ? "sans-serif" : "monospace";
    const at = { x: 8, y: 16 + i * LINE, "font-size": i === 0 ? 13 : 11, "font-family": font };
    root.append(element("text", { ...at, "font-weight": weight, fill: colour(i === 0 ? "--ink" : "--muted") }, line));
  }
  for (const drawing of drawings) {
    const placed = place(drawing, new DOMRect(left, top), head);
    if (placed) root.append(placed);
  }
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}

/** The picture as PNG at twice its size. */
export async function rasterize({ svg, width, height }: Picture): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.ceil(width * 2), Math.ceil(height * 2)];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("The browser could not make a picture of this size.");
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Ways past the header for who goes by the keyboard: seen only while they have the focus. */
import type { MouseEvent } from "react";
import { useViews } from "../page/view.ts";

export function SkipLinks() {
  const fields = useViews().flatMap(({ field }) => field ?? []);
  const places = [
    { label: "Skip to the view", selector: "#view" },
    { label: "Skip to the tensors", selector: "#tensor-filter" },
    { label: "Skip to the recipes", selector: fields.join(", ") },
  ];
  // The address is the experiment: a fragment of a place in the page must not take its stead.
  const go = (selector: string) => (event: MouseEvent) => {
    event.preventDefault();
    const view = document.querySelector<HTMLElement>("#view");
    (document.querySelector<HTMLElement>(selector) ?? view)?.focus();
  };
  return (
    <nav aria-label="Skip" className="contents">
      {places.map(({ label, selector }) => (
        // biome-ignore lint/a11y/useValidAnchor: it leads to a place of the page; only the address must stay as it is
        <a
          key={selector}
          href="#view"
          onClick={go(selector)}
          className="btn btn-main sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-[80] focus:px-3"
        >
          {label}
        </a>
      ))}
    </nav>
  );
}

import type { HTMLAttributes, Ref } from "react";

/** The transparent layer over a plot that takes its pointers and keys. It has a name and can be focused. */
export function PlotSurface({
  label,
  kind,
  className,
  ref,
  ...rest
}: HTMLAttributes<HTMLDivElement> & { label: string; kind: string; ref?: Ref<HTMLDivElement> }) {
  return (
    <div
      ref={ref}
      {...rest}
      role="application"
      aria-roledescription={kind}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application region handles keys itself
      tabIndex={0}
      className={`absolute select-none outline-offset-[-1px] focus-visible:outline-2 focus-visible:outline-accent ${className ?? ""}`}
    />
  );
}

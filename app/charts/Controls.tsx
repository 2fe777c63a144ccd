/** Small controls that charts share: quiet on a desk, a thumb wide on a touch screen. */
import type { ReactNode } from "react";

const base =
  "inline-flex h-6 items-center justify-center whitespace-nowrap px-1 text-xs pointer-coarse:h-11 pointer-coarse:min-w-11 " +
  "outline-offset-[-2px] focus-visible:outline-2 focus-visible:outline-accent disabled:cursor-default disabled:opacity-50";

export function Choice<T extends string>(props: {
  label: string;
  value: T;
  options: readonly { value: T; label: ReactNode; name?: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset
      className="m-0 inline-flex min-w-0 shrink-0 self-start overflow-hidden rounded border border-line p-0"
      aria-label={props.label}
    >
      {props.options.map((option, i) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === props.value}
          aria-label={option.name}
          onClick={() => props.onChange(option.value)}
          className={`${base} ${i > 0 ? "border-l border-line" : ""} ${
            option.value === props.value ? "bg-grid font-medium text-ink" : "text-muted hover:text-ink"
          }`}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}

export function Button(props: {
  children: ReactNode;
  label?: string;
  pressed?: boolean;
  disabled?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      disabled={props.disabled}
      onClick={props.onClick}
      className={`${base} rounded border border-line ${props.pressed ? "bg-grid font-medium text-ink" : "text-muted hover:text-ink"}`}
    >
      {props.children}
    </button>
  );
}

/** The button of the rarer options; what it opens is loaded when it is first asked for. */
import { Suspense, useState } from "react";
import { Icon } from "../widgets/icons.tsx";
import { lazyPart } from "../widgets/lazyPart.ts";
import type { QuantizerProps } from "./ScaleFields.tsx";

const OptionsPopover = lazyPart(async () => (await import("./OptionsPopover.tsx")).OptionsPopover);

export function OptionsButton(props: QuantizerProps) {
  const [wanted, setWanted] = useState(false);
  const label = `${props.name} options`;
  const button = (
    <button
      type="button"
      className="btn btn-quiet px-1"
      aria-label={label}
      title="Options"
      aria-haspopup="dialog"
      onClick={() => setWanted(true)}
    >
      <Icon name="options" />
    </button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <OptionsPopover {...props} />
    </Suspense>
  );
}

/** Which panel stands beside the frontier. There are many: on a phone their names take several lines. */
import { useRoving } from "../../../widgets/useRoving.ts";
import type { MixPanel } from "./panel.ts";

interface Props {
  panels: readonly MixPanel[];
  shown: string;
  onShow(id: string): void;
}

export function PanelTabs({ panels, shown, onShow }: Props) {
  const roving = useRoving(
    panels.length,
    panels.findIndex(({ id }) => id === shown),
  );
  return (
    <div role="toolbar" aria-label="Beside the frontier" className="flex min-w-0 flex-wrap" {...roving.around}>
      {panels.map(({ id, title }, i) => (
        <button
          key={id}
          type="button"
          tabIndex={roving.tabIndex(i)}
          aria-pressed={id === shown}
          className={`h-6 cursor-pointer rounded px-1 text-xs pointer-coarse:h-11 pointer-coarse:px-1.5 ${
            id === shown ? "bg-grid font-semibold text-ink" : "text-muted hover:text-ink"
          }`}
          onClick={() => onShow(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

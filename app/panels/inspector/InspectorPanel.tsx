/** The arithmetic of the marked element, wired to the mark. */
import type { PanelProps } from "../../page/panel.ts";
import { useWorkbench } from "../../state/workbench.ts";
import { Inspector } from "./Inspector.tsx";

export function InspectorPanel({ charts: c }: PanelProps) {
  const { highlight: store } = useWorkbench();
  const matrix = (c.pair.a ?? c.pair.b)?.matrix;
  const mark = c.highlight;
  return (
    <Inspector
      a={c.inspections.a}
      b={c.inspections.b}
      recipeA={c.pair.a?.recipe}
      recipeB={c.pair.b?.recipe}
      pinned={mark?.pinned ?? false}
      onStep={(dRow, dCol) => matrix && store.getState().step(matrix.rows, matrix.cols, dRow, dCol)}
      onPin={(pinned) => {
        if (!mark) return;
        if (pinned) c.onHighlight({ ...mark, pinned });
        else store.getState().release();
      }}
    />
  );
}

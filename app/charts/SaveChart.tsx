/** One chart as a file: a small menu beside its name. Nothing where there is no page around the chart. */
import { createContext, useContext } from "react";
import { Icon } from "../widgets/icons.tsx";
import { LazyMenu } from "../widgets/LazyMenu.tsx";
import type { TableData } from "./DataTable.tsx";

export type ChartFile = "png" | "svg" | "csv";

const kinds: readonly { kind: ChartFile; label: string }[] = [
  { kind: "png", label: "Picture as PNG" },
  { kind: "svg", label: "Drawing as SVG" },
  { kind: "csv", label: "Its data as CSV" },
];

interface MenuProps {
  title: string;
  onSave: (kind: ChartFile) => void;
}

/** The menu alone, for charts that are written in their own way. */
export function SaveMenu({ title, onSave }: MenuProps) {
  return (
    <LazyMenu
      label={`Save ${title.toLowerCase()} as a file`}
      align="end"
      className="btn-quiet h-6 min-h-6 rounded border-line px-1 pointer-coarse:min-h-11 pointer-coarse:min-w-11"
      trigger={<Icon name="download" className="size-3.5" />}
      sections={() => [
        {
          label: null,
          entries: kinds.map(({ kind, label }) => ({ id: kind, label, enabled: true, run: () => onSave(kind) })),
        },
      ]}
    />
  );
}

/** Writes a chart as a file, with what the view says of it. */
export type ChartSaver = (figure: HTMLElement, kind: ChartFile, table: () => TableData) => Promise<void>;

/** Whoever shows charts knows what is to be said of them; null where there is no page around them. */
export const ChartSaving = createContext<ChartSaver | null>(null);

/** Saves the figure that `figure` finds, with what its table holds. */
export function SaveChart(props: { title: string; figure: () => HTMLElement | null; table: () => TableData }) {
  const saver = useContext(ChartSaving);
  if (!saver) return null;
  const save = async (kind: ChartFile) => {
    const figure = props.figure();
    if (figure) await saver(figure, kind, props.table);
  };
  return <SaveMenu title={props.title} onSave={(kind) => void save(kind)} />;
}

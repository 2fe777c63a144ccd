/** Which elements share a scale: the kind of block and its size. */
import type { BlockShape } from "../../kernels/notation/index.ts";
import { type BlockKind, blockKinds, blockOf } from "./edit.ts";
import { SelectField, TextField } from "./fields.tsx";

const choices = [{ label: null, choices: blockKinds.map(({ kind, label }) => ({ value: kind, label })) }];

function size(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new Error("a whole number from 1 up");
  return n;
}

export function BlockFields(props: {
  name: string;
  block: BlockShape | null;
  onChange: (block: BlockShape | null) => void;
}) {
  const { block, name, onChange } = props;
  return (
    <>
      <SelectField
        label="Block"
        name={`${name} block`}
        value={block?.kind ?? "none"}
        groups={choices}
        width={92}
        onChange={(kind) => onChange(blockOf(kind as BlockKind, block))}
      />
      {block && "n" in block && (
        <TextField
          label="size"
          name={`${name} block size`}
          value={String(block.n)}
          numeric
          width={42}
          onCommit={(text) => onChange({ ...block, n: size(text) })}
        />
      )}
      {block?.kind === "tile" && (
        <>
          <TextField
            label="rows"
            name={`${name} block rows`}
            value={String(block.rows)}
            numeric
            width={42}
            onCommit={(text) => onChange({ ...block, rows: size(text) })}
          />
          <TextField
            label="columns"
            name={`${name} block columns`}
            value={String(block.cols)}
            numeric
            width={42}
            onCommit={(text) => onChange({ ...block, cols: size(text) })}
          />
        </>
      )}
    </>
  );
}

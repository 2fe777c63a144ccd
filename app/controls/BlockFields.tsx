/** Which elements share a scale: the kind of block and its size. */
import type { BlockShape } from "../../kernels/grammar/ast.ts";
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
        width={80}
        describe="Which elements share a scale"
        onChange={(kind) => onChange(blockOf(kind as BlockKind, block))}
      />
      {block && "n" in block && (
        <TextField
          label="Size"
          name={`${name} block size`}
          value={String(block.n)}
          numeric
          width={32}
          onCommit={(text) => onChange({ ...block, n: size(text) })}
        />
      )}
      {block?.kind === "tile" && (
        <>
          <TextField
            label="Rows"
            name={`${name} block rows`}
            value={String(block.rows)}
            numeric
            width={32}
            onCommit={(text) => onChange({ ...block, rows: size(text) })}
          />
          <TextField
            label="Columns"
            name={`${name} block columns`}
            value={String(block.cols)}
            numeric
            width={32}
            onCommit={(text) => onChange({ ...block, cols: size(text) })}
          />
        </>
      )}
    </>
  );
}

/** Where a recipe that computes nothing takes its results from: the other checkpoint, and which tensor of it. */

import { useId, useState } from "react";
import { printable } from "../../kernels/text/printable.ts";
import { findTensor } from "../../workers/layouts/address.ts";
import type { Partner } from "../../workers/pairing/pair.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import { pickFiles } from "../files/files.ts";
import { defaultExperiment } from "../state/experiment.ts";
import { type OtherState, withChosen, withoutOther } from "../state/others.ts";
import { formatSize } from "../state/source.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";

/** Most names that are offered while one is typed. */
const OFFERED = 100;

export function GivenControls({ name, index }: { name: string; index: number }) {
  const { others, timeline, parts } = useWorkbench();
  const other = useStoreOf(others.store, (s) => s.list[index]);
  const open = async () => others.openFiles(await pickFiles(false));
  if (!other) {
    return (
      <div className="flex flex-wrap items-center gap-2 text-muted text-xs">
        <span>There is no other checkpoint open that results could come from.</span>
        <button type="button" className="btn" onClick={open}>
          Open one to compare with…
        </button>
      </div>
    );
  }
  const remove = () => timeline.change((e) => withoutOther(e, index, defaultExperiment.b, parts));
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-xs">
      <Icon name="file" className="text-muted" />
      <span className="max-w-56 truncate" title={titleOf(other)}>
        {titleOf(other)}
      </span>
      {other.info ? (
        <Pair name={name} index={index} info={other.info} />
      ) : (
        <Waiting other={other} onOpen={open} onRead={() => others.readAsked(index)} />
      )}
      <button
        type="button"
        className="btn btn-quiet ml-auto px-1.5"
        aria-label={`Stop comparing with ${titleOf(other)}`}
        title={`Stop comparing with ${titleOf(other)}`}
        onClick={remove}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function titleOf({ ref, info }: OtherState): string {
  if (info) return printable(info.label);
  if (ref.kind === "url") return ref.url;
  return ref.kind === "files" ? ref.fingerprints.map((f) => printable(f.name)).join(", ") : "the other checkpoint";
}

interface WaitingProps {
  other: OtherState;
  onOpen: () => void;
  onRead: () => void;
}

function Waiting({ other: { ref, status, problem }, onOpen, onRead }: WaitingProps) {
  if (status === "opening") return <span className="text-muted">Opening…</span>;
  const failed = status === "failed" && (
    <span role="alert" className="text-bad">
      {problem}
    </span>
  );
  if (ref.kind === "url") {
    return (
      <>
        {failed || (
          <span className="text-muted">
            The link compares with this file; {new URL(ref.url).host} is asked for it when you say so.
          </span>
        )}
        <button type="button" className="btn" onClick={onRead}>
          {failed ? "Try again" : "Read it"}
        </button>
      </>
    );
  }
  if (ref.kind !== "files") return failed;
  const size = ref.fingerprints.reduce((sum, f) => sum + f.size, 0);
  return (
    <>
      {failed || (
        <span className="text-muted">
          The link compares with this file ({formatSize(size)}), which is on your machine.
        </span>
      )}
      <button type="button" className="btn" onClick={onOpen}>
        Choose the file…
      </button>
    </>
  );
}

/** The tensor's partner, which another name replaces. */
function Pair({ name, index, info }: { name: string; index: number; info: SourceInfo }) {
  const { others, source, timeline } = useWorkbench();
  const own = useStoreOf(source.store, (s) => s.info);
  const tensorName = useExperiment((e) => e.tensor);
  const view = useExperiment((e) => e.view);
  const chosen = useExperiment((e) => (tensorName === null ? undefined : e.others[index]?.chosen[tensorName]));
  const tensor = own ? findTensor(own, tensorName) : undefined;
  if (!tensor) return null;
  const partner = others.partner(index, { ...tensor, view: view ?? tensor.view });
  const choose = (text: string | null) =>
    timeline.change((e) => withChosen(e, index, tensor.name, text === "" ? null : text));
  return (
    <>
      <PartnerField
        key={`${info.id} ${tensor.name}`}
        name={name}
        info={info}
        value={chosen ?? partner?.tensor.name ?? ""}
        onChoose={choose}
      />
      <Verdict partner={partner} chosen={chosen} />
      {chosen !== undefined && (
        <button type="button" className="btn btn-quiet px-1.5" onClick={() => choose(null)}>
          Pair by name
        </button>
      )}
    </>
  );
}

function Verdict({ partner, chosen }: { partner: Partner | null; chosen: string | undefined }) {
  if (!partner) {
    return (
      <span className="text-warn">
        {chosen === undefined ? "no partner for this tensor" : "has other rows and columns, or cannot be read"}
      </span>
    );
  }
  const { tensor, how, notes, given } = partner;
  return (
    <span className="text-muted" title={notes.join("\n") || undefined}>
      {how}, {tensor.dtype}, {Number(given.bitsPerWeight.toPrecision(4))} b
      {notes.length > 0 && <span className="text-warn"> ({notes.join("; ")})</span>}
    </span>
  );
}

function PartnerField(props: { name: string; info: SourceInfo; value: string; onChoose: (name: string) => void }) {
  const { info, value, onChoose } = props;
  const [text, setText] = useState<string | null>(null);
  const id = useId();
  const typed = text?.toLowerCase();
  const offered =
    typed === undefined ? [] : info.tensors.filter((t) => t.name.toLowerCase().includes(typed)).slice(0, OFFERED);
  const commit = () => {
    if (text !== null && text !== value) onChoose(text);
    setText(null);
  };
  return (
    <>
      <input
        type="text"
        className="field min-w-32 max-w-72 grow font-mono"
        aria-label={`Tensor of the other checkpoint that ${props.name} shows`}
        placeholder="its tensor"
        list={id}
        value={text ?? value}
        onFocus={() => setText(value)}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape") setText(null);
        }}
      />
      <datalist id={id}>
        {offered.map((t) => (
          <option key={t.name} value={t.name} />
        ))}
      </datalist>
    </>
  );
}

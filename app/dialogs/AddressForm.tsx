/** Opens a file on a server: any that gives ranges, a page of Hugging Face or GitHub, one of a repository's checkpoints. */
import { useEffect, useId, useRef, useState } from "react";
import { readAddress, tokenOrigin } from "../../workers/sources/remote/address.ts";
import type { AccessToken, RemoteListing } from "../../workers/sources/spec.ts";
import { track } from "../state/busy.ts";
import { isAbort, messageOf } from "../state/notices.ts";
import { formatSize } from "../state/source.ts";
import { uiStore } from "../state/ui.ts";
import { useWorkbench } from "../state/workbench.ts";

export function AddressForm({ onDone }: { onDone: () => void }) {
  const { client, source } = useWorkbench();
  const [given] = useState(() => uiStore.getState().address);
  const [address, setAddress] = useState(given);
  const [secret, setSecret] = useState("");
  const [listing, setListing] = useState<RemoteListing | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const job = useRef<AbortController | null>(null);
  const hint = useId();
  useEffect(() => () => job.current?.abort(), []);
  const host = hostOf(address);

  const attempt = async (work: (token: AccessToken | null, signal: AbortSignal) => Promise<void>) => {
    job.current?.abort();
    const own = new AbortController();
    job.current = own;
    setBusy(true);
    setProblem(null);
    try {
      const token = secret.trim() === "" ? null : { origin: tokenOrigin(address), value: secret.trim() };
      await track(work(token, own.signal));
    } catch (error) {
      if (job.current === own && !isAbort(error)) setProblem(messageOf(error));
    } finally {
      if (job.current === own) setBusy(false);
    }
  };
  const open = (file: string) =>
    attempt(async (token, signal) => {
      await source.openAddress(file, token, signal);
      onDone();
    });
  const look = () =>
    attempt(async (token, signal) => {
      readAddress(address);
      const found = await client.call("list", { address: address.trim(), token }, { signal });
      if (found.files.length > 1) return setListing(found);
      await source.openAddress(found.files[0].address, token, signal);
      onDone();
    });

  return (
    <form
      className="flex min-h-0 flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && address.trim() !== "") void look();
      }}
    >
      <label className="flex flex-col gap-1">
        <span className="label">Address</span>
        <input
          data-first
          type="text"
          inputMode="url"
          className="field w-full font-mono"
          aria-label="Address"
          aria-describedby={hint}
          aria-invalid={problem !== null}
          autoComplete="off"
          spellCheck={false}
          placeholder="https://huggingface.co/owner/name"
          value={address}
          onChange={(event) => {
            setAddress(event.currentTarget.value);
            setListing(null);
            setProblem(null);
          }}
        />
      </label>
      <p id={hint} className="m-0 text-muted">
        A repository or a file of Hugging Face, a file of GitHub, or a file on any server that gives ranges. Its header
        is read, and of its tensors those you look at.
      </p>
      <details open={secret !== "" || /token/.test(problem ?? "")}>
        <summary className="cursor-pointer py-1">Private or gated: an access token</summary>
        <input
          type="password"
          className="field mt-1 w-full font-mono"
          aria-label="Access token"
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        <p className="m-0 mt-1 text-muted text-xs">
          Sent to {host ?? "this server"} only, kept in memory until the page is closed, never part of a link.
        </p>
      </details>
      {problem && (
        <p role="alert" className="m-0 break-words text-bad">
          {problem}
        </p>
      )}
      {listing && <Files listing={listing} disabled={busy} onOpen={open} />}
      <div className="flex items-center justify-end gap-2">
        <span role="status" className="mr-auto text-muted">
          {busy ? `Asking ${host ?? "the server"}…` : ""}
        </span>
        {busy && (
          <button type="button" className="btn" onClick={() => job.current?.abort()}>
            Cancel
          </button>
        )}
        <button type="submit" className="btn btn-main" disabled={busy || address.trim() === ""}>
          {listing ? "Look again" : "Open"}
        </button>
      </div>
    </form>
  );
}

/** The checkpoints of a repository. The first has the keyboard, so that Enter takes the likeliest. */
function Files(props: { listing: RemoteListing; disabled: boolean; onOpen: (address: string) => void }) {
  const { label, files } = props.listing;
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <section aria-label={`Checkpoints of ${label}`} className="flex min-h-0 flex-col gap-1">
      <h3 className="label m-0">
        {files.length.toLocaleString("en")} checkpoints in {label}: choose one
      </h3>
      <ul className="m-0 flex min-h-24 list-none flex-col overflow-auto p-0.5">
        {files.map((file, i) => (
          <li key={file.address}>
            <button
              ref={i === 0 ? first : undefined}
              type="button"
              className="btn btn-quiet w-full justify-start text-left"
              disabled={props.disabled}
              onClick={() => props.onOpen(file.address)}
            >
              <span className="min-w-0 flex-1 truncate font-mono" title={file.path}>
                {file.path}
              </span>
              {file.bytes !== null && <span className="shrink-0 text-muted">{formatSize(file.bytes)}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function hostOf(address: string): string | null {
  try {
    return new URL(tokenOrigin(address)).host;
  } catch {
    return null;
  }
}

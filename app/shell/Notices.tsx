/** Sentences that belong to no particular place, at the foot of the page. Errors and offers stay until they are put away. */
import { useEffect, useState } from "react";
import { dismiss, type Notice, noticesStore } from "../state/notices.ts";
import { useStoreOf } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";

const INFO_STAYS_MS = 6000;
/** Messages that are seen at a time: more would cover what they are about. */
const MOST = 3;

export function Notices() {
  const notices = useStoreOf(noticesStore, (s) => s.notices);
  const [all, setAll] = useState(false);
  const shown = all ? notices : notices.slice(-MOST);
  const more = notices.length - MOST;
  return (
    <section
      aria-label="Messages"
      className="pointer-events-none fixed right-3 bottom-3 z-[60] flex w-[min(420px,calc(100vw-24px))] flex-col gap-2 max-h-[70dvh] overflow-y-auto max-md:bottom-20"
    >
      {more > 0 && (
        <button
          type="button"
          className="btn pointer-events-auto self-end text-xs"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? "Fold the older ones" : `${more} older ${more === 1 ? "message" : "messages"}`}
        </button>
      )}
      {shown.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

/** Longer sentences than this show their beginning until they are asked for. */
const LONG = 180;

function Folding({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  if (text.length <= LONG) return <p className="m-0 break-words">{text}</p>;
  return (
    <>
      <p className={`m-0 break-words ${open ? "max-h-[40dvh] overflow-auto" : "line-clamp-3"}`}>{text}</p>
      <button
        type="button"
        className="btn btn-quiet -ml-2 min-h-6 text-xs"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {open ? "Less" : "All of it"}
      </button>
    </>
  );
}

function NoticeCard({ notice }: { notice: Notice }) {
  const { id, tone, text, action } = notice;
  useEffect(() => {
    // Whoever is offered something gets the time to take it.
    if (tone !== "info" || action) return;
    const timer = setTimeout(() => dismiss(id), INFO_STAYS_MS);
    return () => clearTimeout(timer);
  }, [id, tone, action]);
  return (
    <div
      role={tone === "error" ? "alert" : "status"}
      className="popup pointer-events-auto flex items-start gap-2 overflow-visible px-3 py-2"
    >
      <Icon
        name={tone === "error" ? "warning" : "info"}
        className={`mt-0.5 ${tone === "error" ? "text-bad" : "text-accent"}`}
      />
      <div className="min-w-0 flex-1">
        <Folding text={text} />
        {action && (
          <button
            type="button"
            className="btn mt-1.5"
            onClick={() => {
              dismiss(id);
              action.run();
            }}
          >
            {action.label}
          </button>
        )}
      </div>
      <button
        type="button"
        className="btn btn-quiet -mr-1 px-1"
        aria-label="Dismiss message"
        onClick={() => dismiss(id)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

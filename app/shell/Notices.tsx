/** Sentences that belong to no particular place, at the foot of the page. Errors and offers stay until they are put away. */
import { useEffect } from "react";
import { dismiss, type Notice, noticesStore } from "../state/notices.ts";
import { useStoreOf } from "../state/workbench.ts";
import { Icon } from "./icons.tsx";

const INFO_STAYS_MS = 6000;

export function Notices() {
  const notices = useStoreOf(noticesStore, (s) => s.notices);
  return (
    <section
      aria-label="Messages"
      className="pointer-events-none fixed right-3 bottom-3 z-[60] flex w-[min(420px,calc(100vw-24px))] flex-col gap-2 max-md:bottom-20"
    >
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
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
        <p className="m-0 break-words">{text}</p>
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

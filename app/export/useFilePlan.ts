import { useEffect, useState } from "react";
import type { FilePlan, FileRequest } from "../../workers/export/request.ts";
import { track } from "../state/busy.ts";
import { isAbort, messageOf } from "../state/notices.ts";
import { useWorkbench } from "../state/workbench.ts";

/** A recipe is asked about when nobody has typed for so long. */
const QUIET_MS = 150;

export interface Planned {
  /** `null` until the answer is there, and where there is a problem. */
  plan: FilePlan | null;
  problem: string | null;
}

/** What the file would hold, or why it cannot be written, as the choices change. */
export function useFilePlan(request: FileRequest): Planned {
  const { client } = useWorkbench();
  const key = JSON.stringify(request);
  const [planned, setPlanned] = useState<Planned & { key: string }>({ key: "", plan: null, problem: null });
  useEffect(() => {
    const controller = new AbortController();
    const ask = async () => {
      try {
        const plan = await client.call("planFile", JSON.parse(key) as FileRequest, { signal: controller.signal });
        setPlanned({ key, plan, problem: null });
      } catch (error) {
        if (!isAbort(error)) setPlanned({ key, plan: null, problem: messageOf(error) });
      }
    };
    const timer = setTimeout(() => void track(ask()), QUIET_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [client, key]);
  return planned.key === key ? planned : { plan: null, problem: null };
}

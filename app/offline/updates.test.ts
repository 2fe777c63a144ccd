import { beforeEach, expect, it } from "vitest";
import { noticesStore } from "../state/notices.ts";
import { watchForUpdates } from "./updates.ts";

class Worker extends EventTarget {
  state = "installing";
  readonly told: unknown[] = [];
  postMessage(message: unknown): void {
    this.told.push(message);
  }
  become(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

function setUp(controlled: boolean, waiting: Worker | null = null, installing: Worker | null = null) {
  const container = Object.assign(new EventTarget(), { controller: controlled ? new Worker() : null });
  const registration = Object.assign(new EventTarget(), { waiting, installing });
  let reloads = 0;
  watchForUpdates(container as never, registration as never, () => {
    reloads++;
  });
  const find = () => {
    const found = new Worker();
    registration.installing = found;
    registration.dispatchEvent(new Event("updatefound"));
    return found;
  };
  return { container, find, reloads: () => reloads };
}

const notices = () => noticesStore.getState().notices;
beforeEach(() => noticesStore.setState({ notices: [] }));

it("says nothing of the first version", () => {
  const { container, find, reloads } = setUp(false);
  find().become("installed");
  container.dispatchEvent(new Event("controllerchange"));
  expect([notices(), reloads()]).toEqual([[], 0]);
});

it("asks before a new version takes over, and reloads once it has", () => {
  const { container, find, reloads } = setUp(true);
  const next = find();
  expect(notices()).toEqual([]);
  next.become("installed");
  expect(notices()[0].text).toBe("A new version of this page is ready. Your experiment is kept.");
  expect([next.told, reloads()]).toEqual([[], 0]);
  notices()[0].action?.run();
  expect(next.told).toEqual(["take over"]);
  container.dispatchEvent(new Event("controllerchange"));
  expect(reloads()).toBe(1);
});

it("offers a version that was on its way before the page asked", () => {
  const installing = new Worker();
  setUp(true, null, installing);
  installing.become("installed");
  expect(notices()).toHaveLength(1);
});

it("offers a version that waited since the last visit; another page's choice does not reload this one", () => {
  const waiting = new Worker();
  const { container, reloads } = setUp(true, waiting);
  expect(notices()).toHaveLength(1);
  container.dispatchEvent(new Event("controllerchange"));
  expect(reloads()).toBe(0);
});

/**
 * A pickle machine that builds data and nothing else. Python's own runs whatever functions a pickle names; this one
 * hands names to its host, which knows a few that make tensors and refuses the rest, so that no pickled code is ever
 * run. Protocols 0 to 5, opcodes as in CPython's `pickletools`. What a pickle may cost is bounded by `limits.ts`.
 */
import { UserError } from "../../errors/user-error.ts";
import { MAX_PICKLE_MEMO, MAX_PICKLE_STACK } from "../limits.ts";
import type { PickleBudget } from "./budget.ts";
import { decodeLong, parseInteger, rawUnicode, unquote } from "./literals.ts";
import { PickleReader } from "./reader.ts";
import {
  PickleMistake,
  PyCallable,
  PyDict,
  PyForeign,
  PyInert,
  PyList,
  PyTuple,
  type PyValue,
  show,
} from "./values.ts";

export interface PickleHost {
  /** What stands for a global. Throws PickleMistake for a name that is not known. */
  global(module: string, name: string): PyValue;
  /** Gives an object made by a call its state. Throws PickleMistake. */
  build(object: PyValue, state: PyValue): void;
  /** What stands for something saved outside of the pickle. Throws PickleMistake. */
  persistent(id: PyValue): PyValue;
}

/**
 * The value of the pickle that begins at `start`, and the byte after its end. `name` is the file's, for errors. Throws
 * PickleCut where `bytes` ends too early, UserError for anything else that is wrong.
 */
export function unpickle(
  name: string,
  bytes: Uint8Array,
  host: PickleHost,
  budget: PickleBudget,
  start = 0,
): { value: PyValue; end: number } {
  const reader = new PickleReader(name, bytes, start);
  const machine = new Machine(reader, host, budget);
  try {
    return { value: machine.run(), end: reader.at };
  } catch (error) {
    if (!(error instanceof PickleMistake)) throw error;
    throw new UserError(`${name}: the pickle cannot be read: ${error.message} (at byte ${machine.opcodeAt}).`);
  }
}

class Machine {
  /** First byte of the opcode that is being done. */
  opcodeAt: number;
  readonly #in: PickleReader;
  readonly #host: PickleHost;
  readonly #budget: PickleBudget;
  readonly #stack: PyValue[] = [];
  /** Heights of the stack at the marks that are set. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PyValue>();

  constructor(reader: PickleReader, host: PickleHost, budget: PickleBudget) {
    this.#in = reader;
    this.#host = host;
    this.#budget = budget;
    this.opcodeAt = reader.at;
  }

  run(): PyValue {
    for (;;) {
      this.opcodeAt = this.#in.at;
      const opcode = this.#in.uint8();
      if (opcode === 0x2e) return this.#pop();
      const done = this.#containers(opcode) || this.#scalars(opcode) || this.#names(opcode) || this.#memory(opcode);
      if (!done) throw new PickleMistake(`there is no opcode 0x${opcode.toString(16).padStart(2, "0")}`);
      if (this.#stack.length > MAX_PICKLE_STACK)
        throw new PickleMistake(`more than ${MAX_PICKLE_STACK} values wait on its stack, the limit`);
    }
  }

  /** Marks, tuples, lists, dicts and sets. */
  #containers(opcode: number): boolean {
    switch (opcode) {
      case 0x28: // MARK
        this.#budget.objects(1);
        this.#marks.push(this.#stack.length);
        return true;
      case 0x30: // POP
        if (this.#marks.length > 0 && this.#marks[this.#marks.length - 1] === this.#stack.length) this.#marks.pop();
        else this.#pop();
        return true;
      case 0x31: // POP_MARK
        this.#popMark();
        return true;
      case 0x32: // DUP
        this.#push(this.#top());
        return true;
      case 0x29: // EMPTY_TUPLE
        return this.#make(new PyTuple([]));
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#make(new PyTuple(this.#popCount(opcode - 0x84)));
      case 0x74: // TUPLE
        return this.#make(new PyTuple(this.#popMark()));
      case 0x5d: // EMPTY_LIST
        return this.#make(new PyList());
      case 0x6c: // LIST
        return this.#make(this.#append(new PyList(), this.#popMark()));
      case 0x61: // APPEND
        this.#append(this.#below(1), this.#popCount(1));
        return true;
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        this.#append(...this.#popMarkWith());
        return true;
      case 0x7d: // EMPTY_DICT
        return this.#make(new PyDict());
      case 0x64: // DICT
        return this.#make(this.#setItems(new PyDict(), this.#popMark()));
      case 0x73: // SETITEM
        this.#setItems(this.#below(2), this.#popCount(2));
        return true;
      case 0x75: // SETITEMS
        this.#setItems(...this.#popMarkWith());
        return true;
      case 0x8f: // EMPTY_SET
        return this.#make(new PyInert("a set"));
      case 0x91: // FROZENSET
        this.#popMark();
        return this.#make(new PyInert("a set"));
      default:
        return false;
    }
  }

  /** None, booleans, numbers, strings and bytes. */
  #scalars(opcode: number): boolean {
    switch (opcode) {
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        return this.#push(opcode === 0x88);
      case 0x4b: // BININT1
        return this.#push(this.#in.uint8());
      case 0x4d: // BININT2
        return this.#push(this.#in.uint16());
      case 0x4a: // BININT
        return this.#push(this.#in.int32());
      case 0x49: {
        // INT, which is also how protocol 0 writes booleans
        const line = this.#in.line();
        return this.#push(line === "01" ? true : line === "00" ? false : parseInteger(line));
      }
      case 0x4c: // LONG
        return this.#push(parseInteger(this.#in.line().replace(/L$/, "")));
      case 0x8a: // LONG1
        return this.#push(decodeLong(this.#in.span(this.#in.uint8())));
      case 0x8b: // LONG4
        return this.#push(decodeLong(this.#in.span(this.#in.length(4))));
      case 0x46: // FLOAT
        return this.#push(Number(this.#in.line()));
      case 0x47: // BINFLOAT
        return this.#push(this.#in.float64());
      case 0x53: // STRING
        return this.#push(unquote(this.#in.line()));
      case 0x56: // UNICODE
        return this.#push(rawUnicode(this.#in.latin1Line()));
      case 0x55: // SHORT_BINSTRING: bytes of Python 2, which are text
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#in.text(this.#in.uint8()));
      case 0x54: // BINSTRING
      case 0x58: // BINUNICODE
        return this.#push(this.#in.text(this.#in.length(4)));
      case 0x8d: // BINUNICODE8
        return this.#push(this.#in.text(this.#in.length(8)));
      case 0x43: // SHORT_BINBYTES
        return this.#push(this.#in.span(this.#in.uint8()));
      case 0x42: // BINBYTES
        return this.#push(this.#in.span(this.#in.length(4)));
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.#push(this.#in.span(this.#in.length(8)));
      default:
        return false;
    }
  }

  /** Globals, calls and what is outside of the pickle. */
  #names(opcode: number): boolean {
    switch (opcode) {
      case 0x63: {
        // GLOBAL
        const module = this.#in.line();
        return this.#make(this.#host.global(module, this.#in.line()));
      }
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popCount(2);
        if (typeof module !== "string" || typeof name !== "string")
          throw new PickleMistake(`a global is named by ${show(module)} and ${show(name)}`);
        return this.#make(this.#host.global(module, name));
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callable, args] = this.#popCount(2);
        return this.#make(this.#call(callable, args));
      }
      case 0x92: {
        // NEWOBJ_EX
        const [callable, args] = this.#popCount(3);
        return this.#make(this.#call(callable, args));
      }
      case 0x69: {
        // INST
        const module = this.#in.line();
        const callable = this.#host.global(module, this.#in.line());
        return this.#make(this.#call(callable, new PyTuple(this.#popMark())));
      }
      case 0x6f: {
        // OBJ
        const [callable, ...args] = this.#popMark();
        return this.#make(this.#call(callable, new PyTuple(args)));
      }
      case 0x62: {
        // BUILD
        const state = this.#pop();
        this.#host.build(this.#top(), state);
        return true;
      }
      case 0x50: // PERSID
        return this.#make(this.#host.persistent(this.#in.line()));
      case 0x51: // BINPERSID
        return this.#make(this.#host.persistent(this.#pop()));
      case 0x82: // EXT1
      case 0x83: // EXT2
      case 0x84: // EXT4
        throw new PickleMistake("it names a class by a number that only the program that wrote it knows");
      case 0x97: // NEXT_BUFFER
      case 0x98: // READONLY_BUFFER
        throw new PickleMistake("it needs buffers that were saved outside of it");
      default:
        return false;
    }
  }

  /** The memo, and what stands around the values. */
  #memory(opcode: number): boolean {
    switch (opcode) {
      case 0x80: {
        // PROTO
        const protocol = this.#in.uint8();
        if (protocol > 5) throw new PickleMistake(`its protocol is ${protocol}; 0 to 5 are read`);
        return true;
      }
      case 0x95: // FRAME: a hint for reading ahead
        this.#in.length(8);
        return true;
      case 0x70: // PUT
        return this.#put(Number(this.#in.line()));
      case 0x71: // BINPUT
        return this.#put(this.#in.uint8());
      case 0x72: // LONG_BINPUT
        return this.#put(this.#in.uint32());
      case 0x94: // MEMOIZE
        return this.#put(this.#memo.size);
      case 0x67: // GET
        return this.#get(Number(this.#in.line()));
      case 0x68: // BINGET
        return this.#get(this.#in.uint8());
      case 0x6a: // LONG_BINGET
        return this.#get(this.#in.uint32());
      default:
        return false;
    }
  }

  #call(callable: PyValue | undefined, args: PyValue): PyValue {
    if (callable instanceof PyForeign) return new PyForeign(callable.path, args instanceof PyTuple ? args.items : []);
    if (!(callable instanceof PyCallable)) throw new PickleMistake(`it calls ${show(callable)}`);
    if (!(args instanceof PyTuple)) throw new PickleMistake(`it calls ${callable.path} with ${show(args)}`);
    return callable.call(args.items);
  }

  #append<T extends PyValue>(target: T, items: readonly PyValue[]): T {
    if (target instanceof PyList || target instanceof PyForeign) for (const item of items) target.items.push(item);
    else if (!(target instanceof PyInert)) throw new PickleMistake(`it appends to ${show(target)}`);
    return target;
  }

  #setItems<T extends PyValue>(target: T, items: readonly PyValue[]): T {
    if (items.length % 2 !== 0) throw new PickleMistake("a key of a dict has no value");
    if (target instanceof PyDict || target instanceof PyForeign)
      for (let i = 0; i < items.length; i += 2) target.entries.set(items[i], items[i + 1]);
    else if (!(target instanceof PyInert)) throw new PickleMistake(`it sets items of ${show(target)}`);
    return target;
  }

  #put(index: number): true {
    if (!Number.isSafeInteger(index)) throw new PickleMistake("the number of a remembered value is not one");
    this.#memo.set(index, this.#top());
    if (this.#memo.size > MAX_PICKLE_MEMO)
      throw new PickleMistake(`it remembers more than ${MAX_PICKLE_MEMO} values, the limit`);
    return true;
  }

  #get(index: number): true {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleMistake(`it recalls value ${index}, which it has not remembered`);
    return this.#push(value);
  }

  #push(value: PyValue): true {
    this.#stack.push(value);
    return true;
  }

  /** Pushes something that takes memory of its own. */
  #make(value: PyValue): true {
    this.#budget.objects(1);
    return this.#push(value);
  }

  /** The lowest place of the stack that may be taken: above the last mark. */
  get #floor(): number {
    return this.#marks.length > 0 ? this.#marks[this.#marks.length - 1] : 0;
  }

  #top(): PyValue {
    return this.#below(0);
  }

  #below(count: number): PyValue {
    const at = this.#stack.length - 1 - count;
    if (at < this.#floor) throw new PickleMistake("its stack is empty");
    return this.#stack[at];
  }

  #pop(): PyValue {
    return this.#popCount(1)[0];
  }

  #popCount(count: number): PyValue[] {
    if (this.#stack.length - count < this.#floor) throw new PickleMistake("its stack is empty");
    return this.#stack.splice(this.#stack.length - count);
  }

  #popMark(): PyValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new PickleMistake("there is no mark on its stack");
    return this.#stack.splice(mark);
  }

  /** The value below the last mark, which stays, and those above it, which go. */
  #popMarkWith(): [PyValue, PyValue[]] {
    const items = this.#popMark();
    return [this.#top(), items];
  }
}

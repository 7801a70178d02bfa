// What our scripts use of htm-preact.js (see THIRD_PARTY_NOTICES.md).

export type Tree = unknown;
export type SetState<S> = (value: S | ((old: S) => S)) => void;
export interface Ref<T> {
  current: T;
}
export interface Context<T> {
  Provider: (props: { value: T; children?: Tree }) => Tree;
}
type Effect = () => void | (() => void);

export function html(strings: TemplateStringsArray, ...values: unknown[]): Tree;
export function render(tree: Tree, parent: Element): void;
export function createContext<T>(value: T): Context<T>;
export function useContext<T>(context: Context<T>): T;
export function useState<S>(initial: S | (() => S)): [S, SetState<S>];
export function useRef<T>(initial: T): Ref<T>;
export function useEffect(effect: Effect, dependencies?: unknown[]): void;
export function useLayoutEffect(effect: Effect, dependencies?: unknown[]): void;

import type { GraphGroup, GraphMember } from '../src/core/microsoft.ts';

/** Group id → ids of member groups. */
export type GroupEdges = ReadonlyMap<string, ReadonlySet<string>>;

/** True for a member that is itself a group. */
export function isGroup(member: GraphMember): boolean {
  return member.type.toLowerCase() === 'group';
}

/**
 * The edges between groups that may stand at Google, which refuses cycles ("Cyclic memberships not allowed"): all
 * edges outside strongly connected components; inside one, edges in order of ascending member count of the child as
 * long as no cycle closes. Only groups in `groups` count. Deterministic, whatever the order of the input.
 */
export function acyclicEdges(groups: ReadonlyMap<string, GraphGroup>): GroupEdges {
  const edges = allEdges(groups);
  const component = components(edges);
  const kept = new Map<string, Set<string>>([...edges.keys()].map((id) => [id, new Set<string>()]));
  const inside: [string, string][] = [];
  for (const [parent, children] of edges)
    for (const child of children) {
      if (component.get(parent) === component.get(child)) inside.push([parent, child]);
      else kept.get(parent)?.add(child);
    }
  const size = (id: string) => groups.get(id)?.members.length ?? 0;
  inside.sort((a, b) => size(a[1]) - size(b[1]) || compare(a[0], b[0]) || compare(a[1], b[1]));
  for (const [parent, child] of inside) if (!reaches(kept, child, parent)) kept.get(parent)?.add(child);
  return kept;
}

/** How many levels of groups lie below each group: 0 for one without member groups. */
export function nestingHeights(edges: GroupEdges): ReadonlyMap<string, number> {
  const heights = new Map<string, number>();
  for (const root of edges.keys()) {
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.at(-1) ?? '';
      const children = [...(edges.get(id) ?? [])];
      const open = children.filter((child) => !heights.has(child));
      if (open.length > 0) stack.push(...open);
      else {
        heights.set(
          id,
          children.reduce((most, child) => Math.max(most, (heights.get(child) ?? 0) + 1), 0),
        );
        stack.pop();
      }
    }
  }
  return heights;
}

/** Everybody who is reached through a group at any depth, groups left out, each once. */
export function transitiveMembers(id: string, groups: ReadonlyMap<string, GraphGroup>): GraphMember[] {
  const seen = new Set([id]);
  const found = new Map<string, GraphMember>();
  const queue = [id];
  while (queue.length > 0) {
    for (const member of groups.get(queue.shift() ?? '')?.members ?? []) {
      if (!isGroup(member)) found.set(member.id, member);
      else if (!seen.has(member.id)) {
        seen.add(member.id);
        queue.push(member.id);
      }
    }
  }
  return [...found.values()];
}

function allEdges(groups: ReadonlyMap<string, GraphGroup>): Map<string, Set<string>> {
  return new Map(
    [...groups].map(([id, group]) => {
      const children = group.members.filter((member) => isGroup(member) && groups.has(member.id));
      return [id, new Set(children.map((child) => child.id))];
    }),
  );
}

/** Strongly connected components by Kosaraju's two passes, without recursion: id → representative. */
function components(edges: GroupEdges): ReadonlyMap<string, string> {
  const reverse = new Map<string, Set<string>>([...edges.keys()].map((id) => [id, new Set<string>()]));
  for (const [parent, children] of edges) for (const child of children) reverse.get(child)?.add(parent);
  const component = new Map<string, string>();
  for (const root of finishingOrder(edges).reverse()) {
    if (component.has(root)) continue;
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.pop() ?? '';
      if (component.has(id)) continue;
      component.set(id, root);
      for (const parent of reverse.get(id) ?? []) stack.push(parent);
    }
  }
  return component;
}

function finishingOrder(edges: GroupEdges): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const root of edges.keys()) {
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.at(-1) ?? '';
      if (state.get(id) === undefined) {
        state.set(id, 'open');
        for (const child of edges.get(id) ?? []) if (state.get(child) === undefined) stack.push(child);
      } else {
        stack.pop();
        if (state.get(id) === 'open') order.push(id);
        state.set(id, 'done');
      }
    }
  }
  return order;
}

function reaches(edges: GroupEdges, from: string, to: string): boolean {
  const seen = new Set<string>();
  const stack = [from];
  while (stack.length > 0) {
    const id = stack.pop() ?? '';
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    stack.push(...(edges.get(id) ?? []));
  }
  return false;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import type { Picture } from '../api/types.ts'

/** A picture in the tree of versions. */
export interface Version {
  picture: Picture
  /** Counted over the conversation, oldest first, from 1. */
  number: number
  /** How many edits away from its first picture. */
  depth: number
  /** The row in the strip: a first picture and its straight descendants share one, a second child opens another. */
  row: number
  parent?: Version
}

/** The family of a picture: its first ancestor and all that was made from it, laid out as columns (depth) and rows. */
export function familyOf(pictures: readonly Picture[], id: string): Version[] {
  const byId = new Map(pictures.map((one) => [one.id, one]))
  const rootOf = (one: Picture): Picture => {
    const seen = new Set<string>()
    let at = one
    for (;;) {
      seen.add(at.id)
      const parent = at.parent_image_id ? byId.get(at.parent_image_id) : undefined
      if (!parent || seen.has(parent.id)) return at
      at = parent
    }
  }
  const chosen = byId.get(id)
  if (!chosen) return []
  const root = rootOf(chosen)
  const numbers = new Map(pictures.map((one, index) => [one.id, index + 1]))
  const childrenOf = (parent: string) => pictures.filter((one) => one.parent_image_id === parent && one.id !== root.id)
  const family: Version[] = []
  let rows = 0
  const place = (picture: Picture, depth: number, row: number, parent?: Version) => {
    const version = { picture, number: numbers.get(picture.id) ?? 0, depth, row, parent }
    family.push(version)
    for (const [index, child] of childrenOf(picture.id).entries()) {
      if (index > 0) rows += 1
      place(child, depth + 1, index === 0 ? row : rows, version)
    }
  }
  place(root, 0, 0)
  return family
}

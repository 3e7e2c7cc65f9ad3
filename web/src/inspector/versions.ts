import type { Picture } from '../api/types.ts'

/** A picture in the tree of versions. */
export interface Version {
  picture: Picture
  /** Counted in the family, oldest first, from 1: what else the conversation holds changes no number. */
  number: number
  /** How many edits away from its first picture. */
  depth: number
  /** The row in the strip: a first picture and its straight descendants share one, a second child opens another. */
  row: number
  parent?: Version
}

/** The family of a picture in the order in which it was made, as its versions are numbered. */
export function lineOf(pictures: readonly Picture[], id: string): Picture[] {
  return familyOf(pictures, id).toSorted((a, b) => a.number - b.number).map((one) => one.picture)
}

/** The newest version that was made from a picture, if there is one. */
export function newestFrom(pictures: readonly Picture[], id: string): Picture | undefined {
  const from = new Set([id])
  let newest: Picture | undefined
  for (const one of pictures) {
    if (!one.parent_image_id || !from.has(one.parent_image_id)) continue
    from.add(one.id)
    newest = one
  }
  return newest
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
  const line = pictures.filter((one) => rootOf(one) === root)
  const numbers = new Map(line.map((one, index) => [one.id, index + 1]))
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

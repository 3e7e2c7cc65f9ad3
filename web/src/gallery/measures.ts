// What the gallery and src/first/boot.ts have to agree on, so that both ask for the same copies.

/** Between pictures, in px. */
export const gap = 12

/** The height that rows should have, in px, in a gallery of that width. */
export const wishedHeight = (width: number) => (width < 600 ? 150 : 220)

/** The width of the copy that a tile shows, in px. */
export const tileWidth = (shown: number) => (shown > 320 ? 640 : 320)

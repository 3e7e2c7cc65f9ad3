// What the thread and src/first/boot.ts have to agree on, so that both ask for the same copies.

/** Widths that the server is asked for; each is kept there, so they are few. */
export const pictureWidths = [384, 768, 1024, 1536]

/** How wide a picture shows: as wide as the thread at most; several share it by two. */
export const pictureSizes = (of: number) => (of > 1 ? '(min-width: 768px) 346px, 45vw' : '(min-width: 768px) 704px, 92vw')

/** One picture alone keeps below three fifths of the window, so that the words around it stay in sight. */
export const loneWidth = ({ width, height }: { width: number; height: number }) => `min(100%, ${Math.max(20, (60 * width) / height).toFixed(1)}vh)`

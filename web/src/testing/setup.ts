import '@testing-library/jest-dom/vitest'

// jsdom has no layout, so it has no media queries either.
window.matchMedia ??= (query: string) =>
  ({ matches: false, media: query, addEventListener: () => {}, removeEventListener: () => {} }) as unknown as MediaQueryList

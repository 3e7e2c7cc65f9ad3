import './styles/app.css'

// Asked for together, run one after the other: each is then a short task, and the page answers between them.
const react = import('react-dom/client')
const settings = import('./settings/settings.ts')
const app = import('./app.tsx')

const { createRoot } = await react
const { followSettings } = await settings
followSettings()
const { App } = await app
const { startTransition } = await import('react')
// As a transition the first drawing gives way to what the person does meanwhile.
startTransition(() => createRoot(document.getElementById('root') as HTMLElement).render(<App />))
// The typeface comes after the first paint: text is readable at once in the system's own.
void import('./fonts/pretendard.css')

import './styles/app.css'
import { startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { App, pageIsThere } from './app.tsx'
import { loadTypeface } from './fonts/load.ts'
import { followSettings } from './settings/settings.ts'
import { loadPanels } from './ui/panels.ts'
import { whenQuiet } from './ui/quiet.ts'

/** How long the app waits at most for pictures that are nearly there: who sees them is in no hurry for the buttons. */
const patience = 600

followSettings()
const seen = Promise.race([window.firstPictures, new Promise((resolve) => setTimeout(resolve, patience))])
await pageIsThere(window.location.pathname)
await seen
// As a transition the first drawing gives way to what the person does meanwhile.
startTransition(() => createRoot(document.getElementById('root') as HTMLElement).render(<App />))
// The typeface and what opens over the page come when the page itself has: until then they would only take the line.
whenQuiet(loadTypeface)
whenQuiet(loadPanels)
// What nobody took of the early answers is old by now.
whenQuiet(() => delete window.early)

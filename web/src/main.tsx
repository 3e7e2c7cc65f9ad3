import './styles/app.css'
import { startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { dataIsThere } from './api/queries.ts'
import { App, pageIsThere } from './app.tsx'
import { isLost } from './chunks.tsx'
import { loadTypeface } from './fonts/load.ts'
import { pathHere } from './prefix.ts'
import { followSettings } from './settings/settings.ts'
import { loadPanels } from './ui/panels.ts'
import { whenQuiet } from './ui/quiet.ts'

/** How long the app waits at most, in ms, for data and pictures that are nearly there: the first words stay so long. */
const patience = 600

followSettings()
await pageIsThere(pathHere())
const opened = Promise.all([dataIsThere(pathHere(), window.location.search), window.firstPictures])
await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, patience))])
// As a transition the first drawing gives way to what the person does meanwhile.
startTransition(() => createRoot(document.getElementById('root') as HTMLElement, { onCaughtError }).render(<App />))

/** A piece that could not be fetched is told on the page; anything else that broke a page belongs on the console. */
function onCaughtError(error: unknown) {
  if (!isLost(error)) console.error(error)
}
// The typeface and what opens over the page come when the page itself has: until then they would only take the line.
whenQuiet(loadTypeface)
whenQuiet(loadPanels)
// What nobody took of the early answers is old by now.
whenQuiet(() => delete window.early)

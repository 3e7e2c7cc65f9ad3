import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { followSettings } from './settings/settings.ts'
import './styles/app.css'

followSettings()
createRoot(document.getElementById('root') as HTMLElement).render(<App />)
// The typeface comes after the first paint: text is readable at once in the system's own.
void import('./fonts/pretendard.css')

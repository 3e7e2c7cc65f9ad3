import { useId, useState, type ReactNode } from 'react'
import { useNavigate } from 'react-router'
import { api } from '../api/client.ts'
import { queryClient, useHealth, useInfo, useModels, usePurposes } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import type { Language } from '../i18n/i18n.ts'
import { useSettings, type SendKey, type Theme } from '../settings/settings.ts'
import { mayNotify } from '../shell/attention.ts'
import { Warnings } from '../shell/warnings.tsx'
import { ShortcutsSheet } from '../shell/shortcuts.tsx'
import { useTitle } from '../shell/title.ts'
import { Button } from '../ui/kit.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { prefix } from '../prefix.ts'

/** What this browser remembers, and what the server is. */
export default function SettingsPage() {
  const t = useT()
  useTitle(t.settings.title)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto grid w-full max-w-2xl gap-9 px-4 py-8 md:px-8">
        <h1 className="text-title font-bold">{t.settings.title}</h1>
        <Warnings />
        <Look />
        <Making />
        <Keys />
        <About />
      </div>
    </div>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-2 text-caption font-medium text-ink-3">{title}</h2>
      <div className="card divide-y divide-line">{children}</div>
    </section>
  )
}

function Row({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3.5">
      <div>
        <p className="font-medium">{name}</p>
        {hint && <p className="text-caption text-ink-3">{hint}</p>}
      </div>
      {children}
    </div>
  )
}

function Look() {
  const t = useT()
  const { language, theme, set } = useSettings()
  return (
    <Group title={t.settings.look}>
      <Row name={t.settings.language}>
        <Segmented<Language> label={t.settings.language} labelHidden value={language} onChange={(value) => set({ language: value })} options={[{ value: 'ko', label: '한국어' }, { value: 'en', label: 'English' }]} />
      </Row>
      <Row name={t.settings.theme}>
        <Segmented<Theme> label={t.settings.theme} labelHidden value={theme} onChange={(value) => set({ theme: value })} options={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t.settings.themes[value] }))} />
      </Row>
    </Group>
  )
}

function Making() {
  const t = useT()
  const purposes = usePurposes()
  const { defaultPurpose, sendKey, set } = useSettings()
  return (
    <Group title={t.settings.making}>
      <Row name={t.settings.purpose}>
        <select aria-label={t.settings.purpose} className="field w-64 max-w-full" value={defaultPurpose} onChange={(event) => set({ defaultPurpose: event.target.value, lastPurpose: event.target.value })}>
          <option value="">{t.settings.remember}</option>
          {purposes.data?.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </select>
      </Row>
      <Row name={t.settings.enter}>
        <Segmented<SendKey> label={t.settings.enter} labelHidden value={sendKey} onChange={(value) => set({ sendKey: value })} options={(['enter', 'ctrl-enter'] as const).map((value) => ({ value, label: t.settings.enters[value] }))} />
      </Row>
      <Notify />
    </Group>
  )
}

/** The browser is asked for leave only here, where a person has just wished for it. */
function Notify() {
  const t = useT()
  const { notify, set } = useSettings()
  const [refused, setRefused] = useState(false)
  const choose = async (wanted: boolean) => {
    const granted = wanted && (await mayNotify())
    setRefused(wanted && !granted)
    set({ notify: granted })
  }
  return (
    <Row name={t.settings.notify} hint={refused ? t.settings.notifyRefused : t.settings.notifyHint}>
      <Segmented<'on' | 'off'> label={t.settings.notify} labelHidden value={notify ? 'on' : 'off'} onChange={(value) => void choose(value === 'on')} options={[{ value: 'on', label: t.common.on }, { value: 'off', label: t.common.off }]} />
    </Row>
  )
}

function Keys() {
  const t = useT()
  const { hotkeys, set } = useSettings()
  const [sheet, setSheet] = useState(false)
  return (
    <Group title={t.settings.keys}>
      <Row name={t.settings.keysOn} hint={t.settings.keysHint}>
        <div className="flex items-center gap-2">
          <Segmented<'on' | 'off'> label={t.settings.keysOn} labelHidden value={hotkeys ? 'on' : 'off'} onChange={(value) => set({ hotkeys: value === 'on' })} options={[{ value: 'on', label: t.common.on }, { value: 'off', label: t.common.off }]} />
        </div>
      </Row>
      <div className="px-3 py-2"><Button small tone="ghost" onClick={() => setSheet(true)}>{t.settings.showKeys}</Button></div>
      <ShortcutsSheet open={sheet} onClose={() => setSheet(false)} />
    </Group>
  )
}

function About() {
  const t = useT()
  const navigate = useNavigate()
  const { data: health } = useHealth()
  const { data: info } = useInfo()
  const models = useModels()
  const model = models.data?.find((one) => one.default)
  const logout = async () => {
    await api.logout()
    queryClient.clear()
    void navigate('/login')
  }
  const rows: [string, string][] = [
    [t.settings.version, health?.version ?? ''],
    [t.settings.generator, health?.generator === 'demo' ? t.settings.demo : health?.generator === 'gemini' ? t.settings.gemini : (health?.generator ?? '')],
    [t.settings.model, [health?.model, model?.status].filter(Boolean).join(' · ')],
    [t.settings.state, health && info ? (health.status === 'healthy' ? (info.warnings.length > 0 ? t.settings.warned : t.settings.healthy) : t.settings.unhealthy) : ''],
  ]
  return (
    <Group title={t.settings.about}>
      <dl className="divide-y divide-line">
        {rows.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-6 px-5 py-3">
            <dt className="text-ink-3">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap items-center justify-between gap-2 px-3 py-2">
        <a href={`${prefix}/docs`} className="btn btn-ghost btn-sm">{t.settings.apiDocs}</a>
        {info && info.auth !== 'none' && <Button small tone="ghost" onClick={() => void logout()}>{t.settings.logout}</Button>}
      </div>
      <p className="px-5 py-3 text-caption text-ink-3">{t.settings.font}</p>
    </Group>
  )
}

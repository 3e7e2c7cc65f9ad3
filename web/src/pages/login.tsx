import { useRef, useState, type FormEvent } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { api, problemOf } from '../api/client.ts'
import { queryClient } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import { Button } from '../ui/kit.tsx'
import { prefix } from '../prefix.ts'

/** Asks for the access token, once; the server then keeps it in a cookie that no script can read. */
export default function LoginPage() {
  const t = useT()
  const navigate = useNavigate()
  const { state } = useLocation() as { state: { from?: string } | null }
  const field = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem('')
    try {
      await api.login(field.current?.value.trim() ?? '')
      await queryClient.resetQueries()
      void navigate(state?.from ?? '/', { replace: true })
    } catch (error) {
      const { code, detail } = problemOf(error)
      setProblem(code === 'unauthorized' || code === 'forbidden' ? t.login.wrong : code === 'rate_limited' ? t.login.busy : (detail ?? t.failure.network))
      field.current?.select()
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="grid h-dvh place-items-center bg-paper p-4">
      <form onSubmit={(event) => void submit(event)} className="card w-full max-w-sm p-7 shadow-lift">
        <img src={`${prefix}/icon.svg`} alt="" width={40} height={40} className="mb-5" />
        <h1 className="text-title font-bold">{t.login.title}</h1>
        <p className="mt-1 mb-5 text-ink-2">{t.login.hint}</p>
        <label className="label" htmlFor="token">{t.login.token}</label>
        <input id="token" ref={field} type="password" autoComplete="current-password" required aria-invalid={problem !== ''} aria-describedby="login-problem" className="field" />
        <p id="login-problem" role="alert" className="mt-1.5 min-h-6 text-caption text-gam">{problem}</p>
        <Button type="submit" tone="primary" disabled={busy} className="mt-2 w-full">{t.login.submit}</Button>
      </form>
    </main>
  )
}

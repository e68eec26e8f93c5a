// Snippets: texts to copy, one tab each.

import { useSignal } from '@preact/signals';

const TOLD_MS = 2000;

interface Props {
  /** What the tabs choose among, for who does not see them. */
  label: string;
  snippets: readonly { name: string; text: string }[];
  testid: { copy: string; text: string };
}

export function Snippets({ label, snippets, testid }: Props) {
  const tab = useSignal(0);
  const copied = useSignal('');
  const text = snippets[tab.value]?.text ?? '';
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = 'Copied';
    } catch {
      copied.value = 'Select and copy by hand';
    }
    setTimeout(() => {
      copied.value = '';
    }, TOLD_MS);
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label}>
        {snippets.map(({ name }, at) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={at === tab.value}
            onClick={() => {
              tab.value = at;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <button type="button" class="copy" data-testid={testid.copy} onClick={copy}>
        {copied.value || 'Copy'}
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre data-testid={testid.text} tabIndex={0}>
        {text}
      </pre>
    </>
  );
}

/** Catches what breaks while a page is drawn: the rest of the frame stays, and a reload is offered, never done by itself. */
import { RefreshCw, TriangleAlert } from "lucide-react";
import { Component, useEffect, useState, type ReactNode } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Empty, Loading } from "@/ui/states";
import { isMissingChunk, wasRebuilt } from "./chunks";

interface BoundaryProps {
  children: ReactNode;
  /** Another place: what broke there is not what broke here. */
  at?: string;
  /** Where it stands above the page: how it is put away. */
  onClose?: () => void;
}

interface BoundaryState {
  error: unknown;
  at: string | undefined;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null, at: this.props.at };

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { error };
  }

  static getDerivedStateFromProps({ at }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return at === state.at ? null : { error: null, at };
  }

  override render() {
    const { children, onClose } = this.props;
    if (this.state.error === null) return children;
    const words = isMissingChunk(this.state.error) ? (
      <MissingChunk isPage={!onClose} />
    ) : (
      <Broke isPage={!onClose} />
    );
    if (!onClose) return words;
    return (
      <Dialog title="Reload this page" onClose={onClose}>
        {words}
      </Dialog>
    );
  }
}

function Broke({ isPage }: { isPage: boolean }) {
  return (
    <Empty isPage={isPage} icon={TriangleAlert} title="This page broke">
      <p>That is a fault of Rota’s. Reloading often helps; the browser’s console says what happened.</p>
      <Reload />
    </Empty>
  );
}

/** A part of the page is not there: Rota was updated since it was opened, or cannot be reached just now. */
function MissingChunk({ isPage }: { isPage: boolean }) {
  const [isUpdated, setUpdated] = useState<boolean | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    void wasRebuilt(abort.signal).then(setUpdated);
    return () => abort.abort();
  }, []);
  if (isUpdated === null) return <Loading />;
  return isUpdated ? (
    <Empty isPage={isPage} icon={RefreshCw} title="Rota was updated">
      <p>This page is of the version before. Reload it to go on; nothing that you submitted is lost.</p>
      <Reload />
    </Empty>
  ) : (
    <Empty isPage={isPage} icon={TriangleAlert} title="This page could not be loaded">
      <p>Rota cannot be reached, or is restarting. Reload when the mark above says Live.</p>
      <Reload />
    </Empty>
  );
}

function Reload() {
  return (
    <Button look="primary" icon={RefreshCw} onClick={() => location.reload()}>
      Reload
    </Button>
  );
}

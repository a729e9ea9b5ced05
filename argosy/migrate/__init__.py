"""`argosy migrate`: manifests of Argo Events in, values of the chart out."""

"""Public posts of the community."""

from django.views.generic import DetailView, ListView

from legacy_site.apps.community.models import Post

PER_PAGE = 25


class PostList(ListView):
    queryset = Post.objects.filter(status=Post.Status.PUBLIC)
    paginate_by = PER_PAGE


class PostDetail(DetailView):
    queryset = Post.objects.filter(status=Post.Status.PUBLIC)
